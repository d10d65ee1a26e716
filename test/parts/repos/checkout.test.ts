/** Checkouts stand alone: no bare repository needed, nothing of ours in them. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { hasCode } from '../../../src/kit/errors.ts';
import { createHouse, run } from './fixture.ts';

const alone = { ref: undefined, depth: 1, tags: false } as const;

test('checkout: a branch by its name at the run’s own commit, whole where the bare repository is gone', async (t) => {
  const { root, repository, person, push, signal } = await createHouse(t);
  const one = await person.commit('one', { 'a 🫎.txt': 'one', 'bin/run': '#!/bin/sh\n' });
  await person.commit('two', { 'a 🫎.txt': 'two' });
  await push('main:feat/x$y');
  const directory = join(root, 'work', 'app');
  await repository.checkout({ directory, sha: one, ref: 'refs/heads/feat/x$y', depth: 1, tags: false }, signal);
  renameSync(repository.path, `${repository.path}.away`);
  const git = async (...args: readonly string[]) => run(['git', ...args], { cwd: directory });
  assert.equal(readFileSync(join(directory, 'a 🫎.txt'), 'utf8'), 'one');
  assert.equal((await git('rev-parse', '--abbrev-ref', 'HEAD')).stdout.trim(), 'feat/x$y');
  assert.equal((await git('rev-parse', 'HEAD', 'origin/feat/x$y')).stdout.trim(), `${one}\n${one}`);
  assert.equal((await git('status', '--porcelain')).stdout, '');
  assert.equal((await git('fsck', '--no-dangling')).code, 0);
  assert.equal((await git('rev-list', '--count', 'HEAD')).stdout.trim(), '1');
  assert.equal((await git('remote', 'get-url', 'origin')).stdout.trim(), 'http://antler.localhost/repository');
  assert.equal(existsSync(join(directory, '.git/objects/info/alternates')), false);
  assert.doesNotMatch(readFileSync(join(directory, '.git/config'), 'utf8'), /moose facts|worktree/);
  assert.equal((await git('commit', '--allow-empty', '--message', 'x')).code, 0, 'a job can commit');
  renameSync(`${repository.path}.away`, repository.path);
});

test('checkout: the whole history has all branches and tags; a tag and a commit are detached', async (t) => {
  const { root, repository, person, push, signal } = await createHouse(t);
  const one = await person.commit('one');
  await person.git('tag', '--annotate', '--message', 'first', 'v1');
  const two = await person.commit('two');
  await person.git('branch', 'other', one);
  await push('main', 'other', 'v1');
  const git = async (directory: string, ...args: readonly string[]) => (await run(['git', ...args], { cwd: directory })).stdout.trim();

  const full = join(root, 'full');
  await repository.checkout({ directory: full, sha: two, ref: 'refs/heads/main', depth: 0, tags: false }, signal);
  assert.equal(await git(full, 'rev-list', '--count', 'HEAD'), '2');
  assert.equal(
    await git(full, 'for-each-ref', '--format=%(refname)'),
    ['refs/heads/main', 'refs/remotes/origin/main', 'refs/remotes/origin/other', 'refs/tags/v1'].join('\n'),
  );
  assert.equal(await git(full, 'describe'), `v1-1-g${two.slice(0, 7)}`);

  const tag = join(root, 'tag');
  await repository.checkout({ directory: tag, sha: one, ref: 'refs/tags/v1', depth: 1, tags: false }, signal);
  assert.equal(await git(tag, 'rev-parse', '--abbrev-ref', 'HEAD'), 'HEAD');
  assert.equal(await git(tag, 'describe', '--exact-match'), 'v1');

  const commit = join(root, 'commit');
  await repository.checkout({ directory: commit, sha: one, ...alone }, signal);
  assert.equal(await git(commit, 'rev-parse', 'HEAD'), one);
});

test('checkout: a commit whose branch or tag has moved on, and one of a pull request', async (t) => {
  const { root, repository, person, push, signal } = await createHouse(t);
  await person.commit('one');
  await push('main');
  const old = await person.commit('old');
  await person.git('tag', 'v1');
  await push('main', 'v1', 'HEAD:refs/for/main/topic');
  await person.git('commit', '--quiet', '--amend', '--allow-empty', '--message', 'new');
  await person.git('tag', '--force', 'v1');
  await push('--force', 'main', 'v1');
  for (const [index, ref] of ['refs/heads/main', 'refs/tags/v1', 'refs/pull/1/head'].entries()) {
    for (const depth of [0, 1]) {
      const directory = join(root, `w${index}${depth}`);
      await repository.checkout({ directory, sha: old, ref, depth, tags: depth === 1 }, signal);
      assert.equal((await run(['git', 'rev-parse', 'HEAD'], { cwd: directory })).stdout.trim(), old, `${ref} ${depth}`);
    }
  }
});

test('checkout: into a folder that is there and empty; never through a link', async (t) => {
  const { root, repository, person, push, signal } = await createHouse(t);
  const sha = await person.commit('one', { 'etc/cron': 'evil' });
  await push('main');
  const empty = join(root, 'empty');
  mkdirSync(empty);
  await repository.checkout({ directory: empty, sha, ...alone }, signal);
  assert.equal(existsSync(join(empty, 'etc/cron')), true);

  const victim = join(root, 'victim');
  mkdirSync(victim);
  symlinkSync(victim, join(root, 'link'));
  for (const directory of [join(root, 'link'), join(root, 'link', 'below')]) {
    await assert.rejects(repository.checkout({ directory, sha, ...alone }, signal), (error) => hasCode(error, 'api/denied'), directory);
  }
  assert.equal(existsSync(join(victim, 'etc')), false);
});

test('checkout: on another file system it is copied', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  const sha = await person.commit('one', { 'a/b': 'x' });
  symlinkSync('a', join(person.folder, 'link'));
  const two = await person.commit('two');
  await push('main');
  const directory = mkdtempSync('/dev/shm/antler-');
  t.after(() => rmSync(directory, { recursive: true }));
  await repository.checkout({ directory, sha: two, ref: 'refs/heads/main', depth: 1, tags: false }, signal);
  assert.equal((await run(['git', 'status', '--porcelain'], { cwd: directory })).stdout, '');
  assert.notEqual(sha, two);
});

test('checkout: nothing in the commit makes git run a program', async (t) => {
  const { root, repository, person, push, signal } = await createHouse(t);
  const marker = join(root, 'pwned');
  const files = {
    '.gitattributes': '* filter=evil diff=evil merge=evil\n',
    '.gitconfig': `[filter "evil"]\n\tsmudge = touch ${marker}\n`,
    'hooks/post-checkout': `#!/bin/sh\ntouch ${marker}\n`,
    '.lfsconfig': `[lfs]\n\turl = ${marker}\n`,
  };
  const sha = await person.commit('one', files);
  await push('main');
  writeFileSync(join(root, '.gitconfig'), files['.gitconfig']);
  await repository.checkout({ directory: join(root, 'w'), sha, ref: 'refs/heads/main', depth: 0, tags: true }, signal);
  assert.equal(existsSync(marker), false);
});
