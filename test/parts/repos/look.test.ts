/** Reading a repository: names, commits, files that differ, files at a commit. */

import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { hasCode } from '../../../src/kit/errors.ts';
import { createHouse } from './fixture.ts';

test('resolve: branch before tag, tags to their commit, full refs, commits; nothing else', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  const one = await person.commit('one');
  await person.git('tag', '--annotate', '--message', 'first', 'v1');
  await person.git('tag', 'both');
  const two = await person.commit('two');
  await person.git('branch', 'both');
  await push('--all');
  await push('--tags');
  assert.equal(await repository.resolve('main', signal), two);
  assert.equal(await repository.resolve('both', signal), two);
  assert.equal(await repository.resolve('refs/tags/both', signal), one);
  assert.equal(await repository.resolve('v1', signal), one);
  assert.equal(await repository.resolve(one, signal), one);
  assert.equal(await repository.resolve(one.slice(0, 10), signal), one);
  assert.equal(await repository.resolve('HEAD', signal), two);
  for (const name of ['nope', '', 'main~1', 'main^', '@{-1}', ':/one', '--all', 'a b', 'main:x', 'x\ny', '0'.repeat(40), `${one}x`]) {
    await assert.rejects(repository.resolve(name, signal), (error) => hasCode(error, 'repos/unknown-ref'), JSON.stringify(name));
  }
});

test('commits: messages with line breaks, quotes and emoji come as they are, oldest first', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  const one = await person.commit('one');
  await push('main');
  const message = 'feat: "quotes" & \'more\' $(id) 🫎\n\nbody\n\n  indented\n%H %x00 last';
  const two = await person.commit(message);
  const three = await person.commit('three');
  await push('main', 'main:feature');
  const commits = await repository.commits(one, three, signal);
  assert.deepEqual(
    commits.map(({ sha, message: text }) => [sha, text]),
    [
      [two, message],
      [three, 'three'],
    ],
  );
  assert.deepEqual(commits[0]?.author, { name: "Ada “The Moose” O'Neil", email: 'ada@example.org' });
  assert.match(commits[0]?.timestamp ?? '', /^\d{4}-\d\d-\d\dT/);
});

test('commits: of a new branch those that the default branch has not, of a first push all, 20 at most', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  for (let count = 0; count < 23; count++) await person.commit(`c${count}`);
  const tip = await person.git('rev-parse', 'HEAD');
  await push('main');
  const all = await repository.commits(undefined, tip, signal);
  assert.deepEqual([all.length, all[0]?.message, all.at(-1)?.message], [20, 'c3', 'c22']);
  const more = await person.commit('on a branch');
  await push('main:feature');
  assert.deepEqual(
    (await repository.commits(undefined, more, signal)).map(({ message }) => message),
    ['on a branch'],
  );
});

test('changed: both names of a moved file, since the merge base where that is asked, and unknown where nothing can be compared', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  const one = await person.commit('one', { 'a.txt': 'a\n'.repeat(20), 'docs/ü "q"\n.md': 'x' });
  await push('main');
  assert.equal(await repository.changed({ before: undefined, after: one, mergeBase: false }, signal), undefined);
  await person.git('switch', '--quiet', '--create', 'feature');
  await person.git('mv', 'a.txt', 'b.txt');
  const feature = await person.commit('moved');
  await person.git('switch', '--quiet', 'main');
  const two = await person.commit('two', { 'docs/ü "q"\n.md': 'y' });
  await push('main', 'feature');
  assert.deepEqual(await repository.changed({ before: one, after: two, mergeBase: false }, signal), ['docs/ü "q"\n.md']);
  assert.deepEqual(await repository.changed({ before: two, after: feature, mergeBase: false }, signal), [
    'a.txt',
    'b.txt',
    'docs/ü "q"\n.md',
  ]);
  assert.deepEqual(await repository.changed({ before: two, after: feature, mergeBase: true }, signal), ['a.txt', 'b.txt']);
  assert.deepEqual(
    await repository.changed({ before: undefined, after: feature, mergeBase: false }, signal),
    ['a.txt', 'b.txt'],
    'a new branch',
  );
  assert.equal(
    await repository.changed({ before: '1'.repeat(40), after: two, mergeBase: false }, signal),
    undefined,
    'a commit that is gone',
  );
});

test('read: files below a folder with their text, no links, no neighbours; nothing where there is no folder', async (t) => {
  const { repository, person, push, signal } = await createHouse(t);
  symlinkSync('/etc/passwd', join(person.folder, 'link'));
  const files = {
    '.github/workflows/ci.yml': 'on: push # 🫎\r\n\n',
    '.github/workflows/sub/x.yml': '',
    '.github/workflows-not/y.yml': 'no',
  };
  await person.commit('one', files);
  symlinkSync('/etc/passwd', join(person.folder, '.github/workflows/evil.yml'));
  const sha = await person.commit('two');
  await push('main');
  const found = [
    { path: '.github/workflows/ci.yml', text: 'on: push # 🫎\r\n\n' },
    { path: '.github/workflows/sub/x.yml', text: '' },
  ];
  assert.deepEqual(await repository.read(sha, '.github/workflows', signal), found);
  assert.deepEqual(await repository.read(sha, '.github/workflows/', signal), found);
  assert.deepEqual(await repository.read(sha, 'nowhere', signal), []);
  assert.deepEqual(await repository.read(sha, '*', signal), []);
});
