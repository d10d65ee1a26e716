/** `antler init` in a repository of someone else: what it writes passes, and editors and tsc understand it without an install. */

import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { test, type TestContext } from 'node:test';

import { loadConfig, planInit, writeInit } from '../../../src/config/config.ts';
import { hasCode } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';

const TSC = resolve(import.meta.dirname, '../../../node_modules/.bin/tsc');

const SHOP: Readonly<Record<string, string>> = {
  'api/Dockerfile':
    'FROM python:3.12-slim\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "app.py"]\n',
  'api/requirements.txt': 'flask\n',
  'api/app.py':
    "from flask import Flask\napp = Flask(__name__)\n\n@app.route('/health')\ndef health():\n    return 'ok'\n\napp.run(host='0.0.0.0', port=5001)\n",
  'web/Dockerfile': 'FROM nginx:alpine\nEXPOSE 8080\nCOPY . /usr/share/nginx/html\n',
  'deploy/worker/Dockerfile': 'FROM node:22-slim\nCOPY worker/ /worker\nEXPOSE 9000\n',
  'worker/main.js': '',
  'node_modules/other/Dockerfile': 'FROM scratch\n',
  '.git/Dockerfile': 'FROM scratch\n',
};

async function repository(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const above = await mkdtemp('/var/tmp/antler-init-');
  t.after(() => rm(above, { recursive: true, force: true }));
  await chmod(above, 0o755);
  const folder = join(above, 'My Shop');
  await mkdir(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(join(folder, dirname(name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

test('planInit: finds services, ports and health paths, and what it writes passes', async (t) => {
  const folder = await repository(t, SHOP);
  const plan = await planInit(folder, t.signal);
  assert.deepEqual(await writeInit(plan), ['antler.config.ts', 'antler.d.ts']);
  const { spec } = await loadConfig(folder, { signal: t.signal });
  assert.deepEqual(spec, plan.spec);
  assert.equal(spec.app, 'my-shop');
  assert.deepEqual(
    spec.services.map(({ name, build, port, health, expose }) => [name, build?.context, build?.dockerfile, port, health.path, expose]),
    [
      ['api', 'api', 'Dockerfile', 5001, '/health', false],
      ['worker', '.', 'deploy/worker/Dockerfile', 9000, '/', false],
      ['web', 'web', 'Dockerfile', 8080, '/', true],
    ],
  );
  assert.deepEqual(
    spec.environments.map(({ name, port, from, approve }) => [name, port, from, approve]),
    [
      ['dev', 30_008, undefined, 0],
      ['stg', 30_009, 'dev', 0],
      ['prod', 30_010, 'stg', 1],
    ],
  );
  assert.deepEqual(spec.bases['python']?.standsFor, ['docker.io/library/python:3.12-slim']);
});

test('planInit: a config that is there is never overwritten', async (t) => {
  const folder = await repository(t, { ...SHOP, 'antler.config.ts': 'mine' });
  await assert.rejects(planInit(folder, t.signal), (error) => hasCode(error, 'config/exists'));
  const elsewhere = await planInit(await repository(t, SHOP), t.signal);
  await assert.rejects(writeInit({ ...elsewhere, directory: folder }), (error) => hasCode(error, 'config/exists'));
  assert.equal(await readFile(join(folder, 'antler.config.ts'), 'utf8'), 'mine');
});

test('planInit: no Dockerfile is config/nothing-found', async (t) => {
  const folder = await repository(t, { 'README.md': '' });
  await assert.rejects(planInit(folder, t.signal), (error) => hasCode(error, 'config/nothing-found'));
});

const PROJECTS: Readonly<Record<string, string | undefined>> = {
  'without a tsconfig': undefined,
  'with a strict ES module project':
    '{ "compilerOptions": { "strict": true, "noEmit": true, "module": "nodenext", "types": [], "exactOptionalPropertyTypes": true, "isolatedModules": true } }',
  'with a bundler project':
    '{ "compilerOptions": { "strict": true, "noEmit": true, "module": "preserve", "types": [], "noUncheckedIndexedAccess": true } }',
  'with a CommonJS project': '{ "compilerOptions": { "noEmit": true, "module": "commonjs", "types": [] } }',
  'with a project of its own folder':
    '{ "compilerOptions": { "strict": true, "noEmit": true, "rootDir": "src", "types": [] }, "include": ["src"] }',
};

for (const [title, tsconfig] of Object.entries(PROJECTS)) {
  test(`antler.d.ts: ${title}, tsc understands the config without an install and names a misspelt key`, async (t) => {
    const own = tsconfig === undefined ? {} : { 'tsconfig.json': tsconfig, 'src/main.ts': 'export const main = 1;\n' };
    const folder = await repository(t, { ...SHOP, ...own });
    await writeInit(await planInit(folder, t.signal));
    const check = async (args: readonly string[]): Promise<string> => {
      const done = await exec([TSC, ...args], { cwd: folder, signal: t.signal, accept: [1, 2] });
      return done.stdout;
    };
    if (tsconfig !== undefined) assert.equal(await check([]), '');
    const alone = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', 'antler.config.ts'];
    assert.equal(await check(alone), '');
    const file = join(folder, 'antler.config.ts');
    await writeFile(file, (await readFile(file, 'utf8')).replace('expose: true', 'expse: true'));
    assert.match(await check(alone), /'expse' does not exist in type 'ServiceConfig'|Did you mean to write 'expose'/);
  });
}
