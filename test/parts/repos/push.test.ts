/** What a push moved, as the daemon knows it: real git on both sides. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHouse } from './fixture.ts';

test('receive: a first branch is new, and HEAD follows it where main is never pushed', async (t) => {
  const house = await createHouse(t);
  const sha = await house.person.commit('one');
  const { code, stderr } = await house.push('main:refs/heads/trunk');
  assert.equal(code, 0, stderr);
  assert.deepEqual(house.pushed[0], {
    updates: [{ ref: 'refs/heads/trunk', before: undefined, after: sha, forced: false }],
    pullRequests: [],
  });
  assert.equal(await house.repository.defaultBranch(house.signal), 'trunk');
  await house.person.commit('two');
  await house.push('main');
  assert.equal(await house.repository.defaultBranch(house.signal), 'trunk', 'the first stays');
});

test('receive: tells moved, forced and deleted branches and tags of one push apart', async (t) => {
  const house = await createHouse(t);
  const one = await house.person.commit('one');
  await house.push('main', 'main:refs/heads/old');
  const two = await house.person.commit('two');
  await house.person.git('tag', 'v1');
  await house.person.git('switch', '--quiet', '--orphan', 'other');
  const other = await house.person.commit('other');
  const { code, stderr } = await house.push('--force', 'main', 'other:old', 'v1');
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    [...(house.pushed[1]?.updates ?? [])].sort((a, b) => a.ref.localeCompare(b.ref)),
    [
      { ref: 'refs/heads/main', before: one, after: two, forced: false },
      { ref: 'refs/heads/old', before: one, after: other, forced: true },
      { ref: 'refs/tags/v1', before: undefined, after: two, forced: false },
    ],
  );
  await house.push('--delete', 'old');
  assert.deepEqual(house.pushed[2]?.updates, [{ ref: 'refs/heads/old', before: other, after: undefined, forced: false }]);
});

test('receive: keeps the branch that HEAD names, and moves nothing then', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  const { code, stderr } = await house.push('--delete', 'main');
  assert.equal(code, 1);
  assert.match(stderr, /deletion of the current branch prohibited/);
  assert.deepEqual(house.pushed[1], { updates: [], pullRequests: [] });
});

test('receive: branch names with what a shell would take for more never reach one', async (t) => {
  const house = await createHouse(t);
  const sha = await house.person.commit('one');
  const names = [
    '$(touch${IFS}pwned)',
    '`id`',
    "it's;rm",
    '"quoted"',
    'a&&b|c',
    '🫎/emoji',
    'Ünï-cödé',
    'x{y,z}!',
    '%s%n',
    '<>',
    '#hash',
    '-dash',
  ];
  const { code, stderr } = await house.push(...names.map((name) => `main:refs/heads/${name}`));
  assert.equal(code, 0, stderr);
  assert.deepEqual(new Set(house.pushed[0]?.updates.map(({ ref }) => ref)), new Set(names.map((name) => `refs/heads/${name}`)));
  for (const name of names) assert.equal(await house.repository.resolve(`refs/heads/${name}`, house.signal), sha, name);
});

test('receive: nobody pushes refs/pull or our own refs', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  for (const ref of ['refs/pull/1/head', 'refs/antler/pull/1']) {
    const { code, stderr } = await house.push(`main:${ref}`);
    assert.equal(code, 1);
    assert.match(stderr, /hidden ref/, ref);
  }
});

test('receive: refs/for/BASE/TOPIC becomes a pull request whose number a second push keeps', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main', 'main:release/1.0');
  const first = await house.person.commit('a better moose');
  const { code, stderr } = await house.push('HEAD:refs/for/main/better-moose');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /pull request 1: better-moose into main/);
  assert.deepEqual(house.pushed[1], {
    updates: [{ ref: 'refs/pull/1/head', before: undefined, after: first, forced: false }],
    pullRequests: [{ number: 1, base: 'main', topic: 'better-moose', sha: first, opened: true }],
  });
  const second = await house.person.commit('better still');
  await house.push('HEAD:refs/for/main/better-moose');
  assert.deepEqual(house.pushed[2], {
    updates: [{ ref: 'refs/pull/1/head', before: first, after: second, forced: false }],
    pullRequests: [{ number: 1, base: 'main', topic: 'better-moose', sha: second, opened: false }],
  });
  await house.person.git('commit', '--quiet', '--amend', '--allow-empty', '--message', 'best');
  await house.push('HEAD:refs/for/main/better-moose');
  assert.equal(house.pushed[3]?.updates[0]?.forced, true);
  await house.push('HEAD:refs/for/release/1.0/sub/topic', 'HEAD:refs/heads/feature');
  assert.deepEqual(
    house.pushed[4]?.pullRequests.map(({ number, base, topic }) => ({ number, base, topic })),
    [{ number: 2, base: 'release/1.0', topic: 'sub/topic' }],
  );
  assert.deepEqual(house.pushed[4]?.updates.map(({ ref }) => ref).sort(), ['refs/heads/feature', 'refs/pull/2/head']);
});

test('receive: a pull request without a topic takes the one that was said, else the pusher’s name', async (t) => {
  const house = await createHouse(t, { actor: 'ada (sudo)' });
  await house.person.commit('one');
  await house.push('main');
  await house.person.commit('two');
  await house.push('-o', 'topic=said-so', 'HEAD:refs/for/main');
  await house.push('HEAD:refs/for/main');
  assert.deepEqual(
    house.pushed.flatMap(({ pullRequests }) => pullRequests.map(({ number, topic }) => [number, topic])),
    [
      [1, 'said-so'],
      [2, 'ada-sudo'],
    ],
  );
});

test('receive: refuses a pull request for a branch that is not there, and takes what else was pushed', async (t) => {
  const house = await createHouse(t);
  const sha = await house.person.commit('one');
  const { code, stderr } = await house.push('main', 'HEAD:refs/for/nowhere/x');
  assert.equal(code, 1);
  assert.match(stderr, /no branch of this name is there to be merged into/);
  assert.deepEqual(house.pushed[0]?.updates, [{ ref: 'refs/heads/main', before: undefined, after: sha, forced: false }]);
});

test('receive: two pull requests at once get two numbers', async (t) => {
  const house = await createHouse(t);
  await house.person.commit('one');
  await house.push('main');
  await house.person.commit('two');
  const ends = await Promise.all(
    ['a', 'b', 'c', 'd'].map(async (topic) => house.person.tryGit(...house.way, `HEAD:refs/for/main/${topic}`)),
  );
  assert.deepEqual(
    ends.map(({ code }) => code),
    [0, 0, 0, 0],
    ends.map(({ stderr }) => stderr).join('\n'),
  );
  const numbers = house.pushed.flatMap(({ pullRequests }) => pullRequests.map(({ number }) => number));
  assert.deepEqual(
    numbers.sort((a, b) => a - b),
    [1, 2, 3, 4],
  );
});
