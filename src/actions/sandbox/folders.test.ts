import assert from 'node:assert/strict';
import { mkdtemp, mkdir, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { emptyFolder, makeFolders } from './folders.ts';

const signal = new AbortController().signal;

test('makeFolders: paths within lie in the job’s folders, and no link or dot leads out of them', async (t) => {
  const parent = await mkdtemp(join(tmpdir(), 'antler-folders-'));
  t.after(() => rm(parent, { recursive: true, force: true }));
  {
    await using folders = await makeFolders(parent, '7-test');
    const file = folders.toHost('/workspace/src/a b.ts');
    assert.equal(file, join(folders.root, 'workspace/src/a b.ts'));
    assert.equal(folders.toHost('/runner/files/cmd'), join(folders.root, 'files/cmd'));
    await symlink('/etc', join(folders.root, 'workspace/out'));
    await symlink('.', join(folders.root, 'workspace/in'));
    for (const path of ['/etc/passwd', '/workspace/../../etc', '/workspace/out/passwd', '/workspace/out/new', '/workspaces/x', '/runner']) {
      assert.throws(() => folders.toHost(path), { code: 'actions/outside' }, path);
    }
    folders.toHost('/workspace/in/in/file');
    await assert.rejects(folders.handOver('/etc/passwd', 1, signal), { code: 'actions/outside' });
    await assert.rejects(folders.handOver(join(folders.root, 'workspace/out/passwd'), 1, signal));
    await writeFile(join(folders.root, 'workspace', '-rf'), '');
  }
  assert.deepEqual(await readdir(parent), []);
});

test(
  'handOver: gives a folder with all in it, and a link itself, never what it points to',
  { skip: process.getuid?.() !== 0 },
  async (t) => {
    const parent = await mkdtemp(join(tmpdir(), 'antler-folders-'));
    t.after(() => rm(parent, { recursive: true, force: true }));
    await using folders = await makeFolders(parent, '7-test');
    const mine = join(parent, 'mine');
    await writeFile(mine, '');
    const tree = join(folders.root, 'workspace/tree');
    await mkdir(join(tree, 'deep'), { recursive: true });
    await writeFile(join(tree, 'deep/file'), '');
    await symlink(mine, join(tree, 'link'));
    await folders.handOver(tree, 4242, signal);
    const owner = async (path: string): Promise<number> => (await stat(path)).uid;
    assert.deepEqual([await owner(tree), await owner(join(tree, 'deep/file')), await owner(mine)], [4242, 4242, 0]);
    const file = join(folders.root, 'files/step.sh');
    await writeFile(file, '');
    await folders.handOver(file, 4242, signal);
    await folders.handOver(join(folders.root, 'files'), 4242, signal);
    assert.deepEqual([await owner(file), await owner(join(folders.root, 'files'))], [4242, 0], 'the folder of our files stays ours');
    await emptyFolder(parent);
    assert.deepEqual(await readdir(parent), []);
  },
);
