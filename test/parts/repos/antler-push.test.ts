/** `antler push`: the real program, real git, the real API; the runs are a stand-in’s. */

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { createDaemon, TREE } from './daemon.ts';
import { run } from './fixture.ts';

test('antler push: the current branch, without a remote; messages and runs are followed live, and a run that fails fails it', async (t) => {
  const runs = [[7], [8, 9]];
  const daemon = await createDaemon(t, {
    onPushed: async () => ({ runs: runs.shift() ?? [], messages: ['main: delivery.yml'] }),
    conclusions: { 8: 'failure' },
  });
  await daemon.person.git('remote', 'remove', 'antler');
  await daemon.person.git('switch', '--quiet', '--create', 'feat/x$y');
  const sha = await daemon.person.commit('one');
  const good = await daemon.antler('push');
  assert.equal(good.code, 0, good.stderr);
  assert.match(good.stderr, /main: delivery\.yml\n[^]*a line of run 7[^]*new branch/);
  assert.equal(await daemon.repository.resolve('refs/heads/feat/x$y', t.signal), sha);
  assert.equal((await daemon.person.tryGit('config', '--get-regexp', '^(remote|branch)\\.')).stdout, '');
  await daemon.person.commit('two');
  const bad = await daemon.antler('push', '--json');
  assert.match(bad.stderr, /a line of run 8[^]*a line of run 9/);
  assert.deepEqual([bad.code, JSON.parse(bad.stdout)], [1, { refs: ['HEAD:refs/heads/feat/x$y'], exitCode: 1 }]);
  assert.equal((await daemon.antler('push')).code, 0, 'nothing to push');
});

test('antler push: REFs as git knows them, --force, --no-wait, --pull-request', async (t) => {
  const daemon = await createDaemon(t, {
    onPushed: async () => ({ runs: [3], messages: [] }),
    conclusions: { 3: 'failure' },
  });
  const { person, pushed } = daemon;
  await person.commit('one');
  await person.git('tag', 'v1');
  const left = await daemon.antler('push', '--no-wait', 'v1', 'main:staging', 'main');
  assert.equal(left.code, 0, left.stderr);
  assert.match(left.stderr, /run 3: \S*antler run logs 3 -f --home \S+\n/);
  assert.deepEqual(pushed[0]?.[0].updates.map(({ ref }) => ref).sort(), ['refs/heads/main', 'refs/heads/staging', 'refs/tags/v1']);
  assert.equal(pushed[0]?.[1], 'root');
  await person.git('commit', '--quiet', '--amend', '--allow-empty', '--message', 'another');
  const refused = await daemon.antler('push', '--no-wait');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /rejected/);
  assert.equal((await daemon.antler('push', '--no-wait', '--force')).code, 0);
  await person.git('switch', '--quiet', '--create', 'better/moose');
  await person.commit('better');
  const pull = await daemon.antler('push', '--no-wait', '--pull-request', 'main');
  assert.match(pull.stderr, /pull request 1: better\/moose into main/);
  assert.equal((await daemon.antler('push', '--pull-request', 'main', 'v1')).code, 64);
});

test('antler push: no repository, no commit, no branch and no daemon are told apart, and nothing is pushed', async (t) => {
  const daemon = await createDaemon(t);
  const outside = join(daemon.root, 'outside');
  mkdirSync(outside);
  const antler = join(TREE, 'antler');
  const there = await run([antler, 'push', '--home', daemon.home], { cwd: outside });
  assert.match(there.stderr, /outside is in no git repository[^]*\[repos\/no-checkout\]/);
  assert.equal(there.code, 64);
  assert.match((await daemon.antler('push')).stderr, /no commit yet[^]*\[repos\/no-checkout\]/);
  await daemon.person.commit('one');
  await daemon.person.git('switch', '--quiet', '--detach');
  assert.match((await daemon.antler('push')).stderr, /HEAD is detached[^]*antler push HEAD:refs\/heads\/NAME/);
  assert.equal((await daemon.antler('push', 'HEAD:refs/heads/main')).code, 0, 'named, it can be pushed');
  assert.equal(daemon.pushed.length, 1);
  await daemon.stop();
  const gone = await daemon.antler('push', 'main');
  assert.match(gone.stderr, /\[daemon\/unreachable\]/);
  assert.equal(gone.code, 1);
});

test('antler push: what the checkout’s own config says runs nothing and leads nowhere else', async (t) => {
  const daemon = await createDaemon(t);
  const { person, root, repository } = daemon;
  await person.commit('one');
  const marker = join(root, 'pwned');
  await person.git('config', 'core.sshCommand', `touch ${marker}; false`);
  await person.git('config', 'core.hooksPath', join(root, 'hooks'));
  assert.equal((await daemon.antler('push')).code, 0);
  await person.commit('two');
  await person.git('config', 'url.ssh://evil.invalid/.insteadOf', '/');
  const led = await daemon.antler('push');
  assert.notEqual(led.code, 0);
  assert.match(led.stderr, /transport 'ssh' not allowed/);
  const { stdout } = await run(['ls', root]);
  assert.doesNotMatch(stdout, /pwned/);
  assert.ok(repository.path);
});
