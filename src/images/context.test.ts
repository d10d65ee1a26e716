import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import process from 'node:process';

import { hasCode } from '../kit/errors.ts';
import { contextHash, readContext, stageContext } from './context.ts';

const BUILD = { context: 'app', dockerfile: 'Dockerfile', args: {} };

async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp('/var/tmp/antler-context-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  return folder;
}

test('readContext() leaves out what .dockerignore says, and never the Dockerfile', async (t) => {
  const folder = await folderWith(t, {
    'app/Dockerfile': 'FROM scratch\n',
    'app/.dockerignore': '*\n!src\n**/*.log\nnode_modules\n',
    'app/src/main.ts': '1',
    'app/src/deep/x.log': '2',
    'app/node_modules/a/index.js': '3',
    'app/README.md': '4',
  });
  const context = await readContext(folder, BUILD);
  assert.deepEqual(
    context.files.map(({ path }) => path),
    ['.dockerignore', 'Dockerfile', 'src', 'src/deep', 'src/main.ts'],
  );
  assert.equal(context.dockerfile, 'FROM scratch\n');
});

test('readContext() prefers the ignore file that is named after its Dockerfile', async (t) => {
  const folder = await folderWith(t, {
    'app/prod.Dockerfile': 'FROM scratch\n',
    'app/prod.Dockerfile.dockerignore': 'b\n',
    'app/.dockerignore': 'a\n',
    'app/a': '',
    'app/b': '',
  });
  const context = await readContext(folder, { ...BUILD, dockerfile: 'prod.Dockerfile' });
  const paths = context.files.map(({ path }) => path);
  assert.ok(paths.includes('a') && !paths.includes('b'));
});

test('readContext() throws images/no-dockerfile where there is none, or no folder', async (t) => {
  const folder = await folderWith(t, { 'app/x': '' });
  await assert.rejects(readContext(folder, BUILD), (error) => hasCode(error, 'images/no-dockerfile'));
  await assert.rejects(readContext(folder, { ...BUILD, context: 'absent' }), (error) => hasCode(error, 'images/no-dockerfile'));
});

test('contextHash() follows content, names, executable bits, arguments and base, not times', async (t) => {
  const folder = await folderWith(t, { 'app/Dockerfile': 'FROM scratch\n', 'app/a': '1' });
  const hash = async (build = BUILD): Promise<string> => contextHash(await readContext(folder, build), build);
  const first = await hash();
  await utimes(join(folder, 'app/a'), 1, 1);
  assert.equal(await hash(), first);
  const seen = new Set([first, await hash({ ...BUILD, args: { X: '1' } }), await hash({ ...BUILD, base: 'node' } as typeof BUILD)]);
  await chmod(join(folder, 'app/a'), 0o755);
  seen.add(await hash());
  await writeFile(join(folder, 'app/a'), '2');
  seen.add(await hash());
  await symlink('a', join(folder, 'app/b'));
  seen.add(await hash());
  assert.equal(seen.size, 6);
});

test('stageContext() copies what a private checkout holds so that the builder can read it', async (t) => {
  const folder = await folderWith(t, { 'app/Dockerfile': 'FROM scratch\n', 'app/run': 'x', 'app/sub/secret': 'y' });
  await chmod(join(folder, 'app/run'), 0o700);
  await chmod(join(folder, 'app/sub/secret'), 0o600);
  await utimes(join(folder, 'app/run'), 1000, 1000);
  const target = join(folder, 'staged');
  const owner = process.getuid?.() ?? 0;
  await stageContext(await readContext(folder, BUILD), target, { owner, signal: new AbortController().signal });
  assert.equal((await stat(join(target, 'run'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(target, 'run'))).mtimeMs, 1_000_000);
  assert.equal((await stat(join(target, 'sub/secret'))).mode & 0o777, 0o644);
  assert.equal(await readFile(join(target, 'sub/secret'), 'utf8'), 'y');
});
