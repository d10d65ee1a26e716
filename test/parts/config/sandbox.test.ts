/** The sandbox with real namespaces: what a config may do, and what becomes of one that misbehaves. */

import assert from 'node:assert/strict';
import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';

import { loadConfig } from '../../../src/config/config.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { FAULTS } from './faults.ts';

const HEAD = "import { defineConfig } from 'antler';\n";
const TAIL = `
export default defineConfig({ app: 'moose', services: { web: { build: 'web', port: 8080 } }, environments: { dev: { port: 30008 } } });
`;
const NOBODY_IN_PARTICULAR = 54_321;

/** A folder that everyone may enter, as a fresh checkout is. */
async function checkout(t: TestContext, source: string): Promise<string> {
  const folder = await mkdtemp('/var/tmp/antler-config-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'antler.config.ts'), `${HEAD}${source}${TAIL}`);
  return folder;
}

async function errorOf(work: Promise<unknown>): Promise<AntlerError> {
  try {
    await work;
  } catch (error) {
    assert.ok(error instanceof AntlerError, String(error));
    return error;
  }
  return assert.fail('nothing was thrown');
}

suite('loadConfig: a config that', () => {
  for (const { title, source, code, message, at } of FAULTS) {
    test(`${title} ends as ${code}`, async (t) => {
      const folder = await checkout(t, source);
      const error = await errorOf(loadConfig(folder, { signal: t.signal, timeoutMs: code === 'config/timeout' ? 1500 : 20_000 }));
      assert.equal(error.code, code, error.message);
      assert.match(error.message, message);
      if (at !== undefined) assert.equal(error.at, at);
      assert.equal(error.exit, 78);
    });
  }
});

test('loadConfig: everything is locked for root, and with a user’s own namespaces', async (t) => {
  const folder = await checkout(t, '');
  for (const level of ['root', 'user'] as const)
    assert.deepEqual((await loadConfig(folder, { signal: t.signal, levels: [level] })).unlocked, [], level);
});

test('loadConfig: imports files beside the config, whatever package.json says there', async (t) => {
  const folder = await checkout(
    t,
    "import { extra } from './lib/extra.ts';\nimport more from './more.json' with { type: 'json' };\nconsole.log(extra + more.b);",
  );
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib/extra.ts'), 'export const extra: number = 40;');
  await writeFile(join(folder, 'more.json'), '{ "b": 2 }');
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }');
  assert.equal((await loadConfig(folder, { signal: t.signal })).printed, '42\n');
});

test('loadConfig: takes a config and files beside it with types of their own', async (t) => {
  const source =
    "import type { Config } from 'antler';\nimport { extra } from './extra.ts';\nconst part: Partial<Config> = { app: extra };\nconsole.log(part.app!);";
  const folder = await checkout(t, source);
  await writeFile(
    join(folder, 'extra.ts'),
    'interface Extra { a: string }\nexport const extra: string = ({ a: "typed" } satisfies Extra).a;',
  );
  assert.equal((await loadConfig(folder, { signal: t.signal })).printed, 'typed\n');
  await writeFile(join(folder, 'extra.ts'), 'export const extra: string = "";\nthrow new Error(`oh ${extra satisfies string}`);');
  const error = await errorOf(loadConfig(folder, { signal: t.signal }));
  assert.equal(error.at, 'extra.ts:2:7');
});

test('loadConfig: finds the config in a folder above, and says what was printed', async (t) => {
  const folder = await checkout(t, "console.log('hello');");
  await mkdir(join(folder, 'apps/web'), { recursive: true });
  const loaded = await loadConfig(join(folder, 'apps/web'), { signal: t.signal });
  assert.equal(loaded.directory, folder);
  assert.equal(loaded.file, join(folder, 'antler.config.ts'));
  assert.equal(loaded.printed, 'hello\n');
});

test('loadConfig: reads a checkout under another user’s 0700 home', async (t) => {
  const home = await mkdtemp('/var/tmp/antler-home-');
  t.after(() => rm(home, { recursive: true, force: true }));
  const folder = join(home, 'moose');
  await mkdir(folder);
  await writeFile(join(folder, 'antler.config.ts'), `${HEAD}${TAIL}`);
  for (const path of [home, folder, join(folder, 'antler.config.ts')]) await chown(path, NOBODY_IN_PARTICULAR, NOBODY_IN_PARTICULAR);
  await chmod(home, 0o700);
  assert.equal((await loadConfig(folder, { signal: t.signal })).spec.app, 'moose');
});

test('loadConfig: reads a checkout whose own files are 0600, and follows no link out of it', async (t) => {
  const folder = await checkout(
    t,
    "import { readdirSync } from 'node:fs';\nimport { extra } from './lib/extra.ts';\nconsole.log(extra, readdirSync(new URL('lib', import.meta.url)).join());",
  );
  await mkdir(join(folder, 'lib'));
  await writeFile(join(folder, 'lib/extra.ts'), 'export const extra = 42;');
  await symlink('/etc/passwd', join(folder, 'lib/link.json'));
  for (const [path, mode] of [
    ['lib/extra.ts', 0o600],
    ['lib', 0o700],
    ['antler.config.ts', 0o600],
    ['.', 0o700],
  ] as const) {
    await chown(join(folder, path), NOBODY_IN_PARTICULAR, NOBODY_IN_PARTICULAR);
    await chmod(join(folder, path), mode);
  }
  assert.equal((await loadConfig(folder, { signal: t.signal })).printed, '42 extra.ts\n');
});

test('loadConfig: a sandbox that does not come up in time is an error, never a weaker sandbox', async (t) => {
  const folder = await checkout(t, '');
  const error = await errorOf(loadConfig(folder, { signal: t.signal, startMs: 1 }));
  assert.equal(error.code, 'config/sandbox');
  assert.equal(error.lines.length, 1, error.lines.join());
});

test('loadConfig: a slow start takes nothing of the time that the config has', async (t) => {
  const folder = await checkout(t, '');
  const slow = `import { writeSync } from 'node:fs'; setTimeout(() => writeSync(3, '\\n{"kind":"no-default"}\\n'), 1500);`;
  await writeFile(join(folder, 'evaluate.mjs'), slow);
  const error = await errorOf(loadConfig(folder, { signal: t.signal, timeoutMs: 1000, inside: folder }));
  assert.equal(error.code, 'config/invalid', String(error));
});

test('loadConfig: an interrupted evaluation ends at once', async (t) => {
  const folder = await checkout(t, 'for (;;);');
  const started = performance.now();
  const error = await errorOf(loadConfig(folder, { signal: AbortSignal.timeout(300), timeoutMs: 20_000 }));
  assert.equal(error.code, 'kit/aborted');
  assert.ok(performance.now() - started < 5000);
});

test('loadConfig: tells of a config that exports nothing, or more than plain values', async (t) => {
  const folder = await checkout(t, '');
  const file = join(folder, 'antler.config.ts');
  await writeFile(file, 'export const config = 1;');
  const nothing = await errorOf(loadConfig(folder, { signal: t.signal }));
  assert.equal(nothing.code, 'config/invalid');
  assert.match(nothing.problems[0]?.message ?? '', /export default/);
  await writeFile(file, 'export default { app: () => 1, services: { web: { port: 1n } }, environments: new Map() };');
  const wrong = await errorOf(loadConfig(folder, { signal: t.signal }));
  assert.deepEqual(
    wrong.problems.map(({ at, message }) => `${at} ${message}`),
    [
      'app is a function: needed is a plain value',
      'services.web.port is a bigint: needed is a plain value',
      'environments is a Map: needed is a plain value',
    ],
  );
});

test('loadConfig: no config anywhere is config/missing', async (t) => {
  const folder = await mkdtemp('/var/tmp/antler-none-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  assert.equal((await errorOf(loadConfig(folder, { signal: t.signal }))).code, 'config/missing');
});
