/** `antler config check` and `config show` as a person or a program types them: what they print and end with. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import type { ErrorBody } from '../../../src/kit/errors.ts';
import { exec, type ExecResult } from '../../../src/kit/exec.ts';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const CONFIG = `export default {
  app: 'shop',
  services: { web: { build: '.', port: 8080, env: { LOG: 'info' } } },
  environments: { dev: { port: 30008 }, prod: { port: 30010, from: 'dev', services: { web: { env: { LOG: 'warn' }, replicas: 2 } } } },
};
`;

interface Shown {
  readonly services: readonly { readonly name: string; readonly env: Readonly<Record<string, string>>; readonly replicas?: number }[];
}

async function folder(t: TestContext, config: string): Promise<string> {
  const made = await mkdtemp('/var/tmp/antler-config-');
  t.after(() => rm(made, { recursive: true }));
  await writeFile(join(made, 'antler.config.ts'), config);
  return made;
}

function antler(t: TestContext, cwd: string, line: string): Promise<ExecResult> {
  return exec([process.execPath, MAIN, ...line.split(' ')], { signal: t.signal, cwd, accept: [1, 2, 64, 78] });
}

test('antler config check: what the config holds, and 0', async (t) => {
  const shop = await folder(t, CONFIG);
  const said = await antler(t, shop, 'config check');
  assert.deepEqual([said.exitCode, said.stderr], [0, '']);
  assert.equal(said.stdout, `${join(shop, 'antler.config.ts')} is fine: shop with web in dev, prod\n`);
  const { file, app, services, environments } = JSON.parse((await antler(t, shop, 'config check --json')).stdout) as Record<
    string,
    unknown
  >;
  assert.deepEqual(
    { file, app, services, environments },
    { file: join(shop, 'antler.config.ts'), app: 'shop', services: ['web'], environments: ['dev', 'prod'] },
  );
});

test('antler config show: the whole spec with its defaults; --env: as that environment has it, and 0', async (t) => {
  const shop = await folder(t, CONFIG);
  const whole = await antler(t, shop, 'config show');
  assert.equal(whole.exitCode, 0, whole.stderr);
  const spec = JSON.parse(whole.stdout) as Shown & { readonly app: string; readonly environments: readonly { readonly name: string }[] };
  assert.deepEqual([spec.app, spec.environments.map(({ name }) => name)], ['shop', ['dev', 'prod']]);
  for (const [name, LOG, replicas] of [
    ['dev', 'info', 1],
    ['prod', 'warn', 2],
  ] as const) {
    const shown = await antler(t, shop, `config show --env ${name}`);
    assert.equal(shown.exitCode, 0, shown.stderr);
    const [web] = (JSON.parse(shown.stdout) as Shown).services;
    assert.deepEqual([web?.name, web?.env['LOG'], web?.replicas], ['web', LOG, replicas]);
    const asJson = await antler(t, shop, `config show --env ${name} --json`);
    assert.deepEqual(JSON.parse(asJson.stdout), JSON.parse(shown.stdout));
    assert.equal(asJson.stdout.trim().split('\n').length, 1, 'one object, one line');
  }
});

test('antler config show --env: an environment that is none ends as wrong use, and names those that are', async (t) => {
  const shop = await folder(t, CONFIG);
  const { exitCode, stdout, stderr } = await antler(t, shop, 'config show --env prd');
  assert.deepEqual([exitCode, stdout], [64, '']);
  assert.match(stderr, /^error Cannot show prd as the config knows dev, prod only\n hint .*--env.* \[releases\/unknown-environment\]\n$/);
});

for (const line of ['config check', 'config show --env dev']) {
  test(`antler ${line}: a wrong config ends 78 with every problem at its place`, async (t) => {
    const shop = await folder(t, CONFIG.replace('port: 8080', 'prot: 8080').replace('port: 30010', "port: '30010'"));
    const people = await antler(t, shop, line);
    assert.deepEqual([people.exitCode, people.stdout], [78, '']);
    assert.match(people.stderr, /services\.web\.prot: is not a key[^]*Did you mean `port`\?[^]*environments\.prod\.port: is "30010"/);
    const programs = await antler(t, shop, `${line} --json`);
    assert.deepEqual([programs.exitCode, programs.stdout], [78, '']);
    const { code, problems = [] } = (JSON.parse(programs.stderr) as { error: ErrorBody }).error;
    assert.equal(code, 'config/invalid');
    assert.deepEqual(problems.map(({ at }) => at).toSorted(), ['environments.prod.port', 'services.web.port', 'services.web.prot']);
  });
}

test('antler config check: no config here ends 78 and says how to get one', async (t) => {
  const empty = await mkdtemp('/var/tmp/antler-config-');
  t.after(() => rm(empty, { recursive: true }));
  const { exitCode, stderr } = await antler(t, empty, 'config check');
  assert.equal(exitCode, 78, stderr);
  assert.match(stderr, /antler init.*\[config\/missing\]/);
});
