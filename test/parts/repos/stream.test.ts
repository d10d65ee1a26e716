/** git’s stream through the real API and the real `antler receive-pack`: who leaves in the middle, who is interrupted, who is many. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { apiSocketOf } from '../../../src/contract/routes.ts';
import { createDaemon, TREE, until, type Daemon } from './daemon.ts';

const push = (daemon: Daemon, ref: string, env: NodeJS.ProcessEnv = {}) => daemon.start(['git', 'push', 'antler', ref], env);

test('git push antler: messages, runs and the exit code reach the pusher; ANTLER_PUSH_WAIT=0 follows nothing', async (t) => {
  const daemon = await createDaemon(t, { onPushed: async () => ({ runs: [8], messages: ['said'] }), conclusions: { 8: 'failure' } });
  await daemon.person.commit('one');
  const left = await push(daemon, 'main', { ANTLER_PUSH_WAIT: '0' }).ended;
  assert.equal(left.code, 0, left.stderr);
  assert.match(left.stderr, /said\nrun 8: /);
  const followed = await push(daemon, 'main:b').ended;
  assert.notEqual(followed.code, 0);
  assert.match(followed.stderr, /said\n[^]*a line of run 8[^]*new branch/);
  assert.equal(await daemon.person.git('ls-remote', '--heads', 'antler', 'b').then((text) => text.split('\t')[1]), 'refs/heads/b');
  await until(async () => (await daemon.connections()) === 0, 'all connections are closed');
});

test('git push antler: 50 MB arrive whole, and the daemon does not hold them', async (t) => {
  const daemon = await createDaemon(t);
  const sha = await daemon.person.commit('big', { big: randomBytes(25_000_000).toString('latin1') });
  let peak = 0;
  const before = process.memoryUsage().rss;
  const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss - before)), 20);
  const { code, stderr } = await push(daemon, 'main').ended;
  clearInterval(timer);
  assert.equal(code, 0, stderr);
  assert.equal(await daemon.repository.resolve('main', t.signal), sha);
  assert.ok(peak < 60_000_000, `grew by ${peak}`);
});

test('antler receive-pack: a pusher killed in mid-push moves nothing and leaves nothing open; the next push works', async (t) => {
  const daemon = await createDaemon(t);
  await daemon.person.commit('big', { big: randomBytes(25_000_000).toString('latin1') });
  const one = push(daemon, 'main');
  await until(async () => (await daemon.connections()) > 0, 'it is connected');
  process.kill(-(one.child.pid ?? 0), 'SIGKILL');
  await one.ended;
  await until(async () => (await daemon.connections()) === 0, 'the connection is closed');
  assert.deepEqual(daemon.pushed, []);
  assert.equal((await push(daemon, 'main').ended).code, 0);
});

test('antler receive-pack: killed while following, or only git is: the push counts and nobody follows on', async (t) => {
  const daemon = await createDaemon(t, { onPushed: async () => ({ runs: [7], messages: [] }), hang: true });
  await daemon.person.commit('one');
  for (const [ref, all] of [
    ['main', true],
    ['main:b', false],
  ] as const) {
    const one = push(daemon, ref);
    await one.says(/a line of run 7/);
    process.kill(all ? -(one.child.pid ?? 0) : (one.child.pid ?? 0), 'SIGKILL');
    await until(() => daemon.following.size === 0, `nobody follows after ${ref}`);
    await until(async () => (await daemon.connections()) === 0, 'all connections are closed');
  }
  assert.equal(daemon.pushed.length, 2);
});

test('antler push: Ctrl-C while following says how to go on, and ends 130', async (t) => {
  const daemon = await createDaemon(t, { onPushed: async () => ({ runs: [7], messages: [] }), hang: true });
  await daemon.person.commit('one');
  const one = daemon.start([join(TREE, 'antler'), 'push', '--home', daemon.home]);
  await one.says(/a line of run 7/);
  process.kill(-(one.child.pid ?? 0), 'SIGINT');
  const { code, stderr } = await one.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /the run itself goes on[^]*antler run logs 7 -f --home/);
  assert.equal(daemon.pushed.length, 1);
});

test('git push antler: two at once are both taken and told; an unknown app and a stopped daemon are named', async (t) => {
  let runs = 0;
  const daemon = await createDaemon(t, { onPushed: async () => ({ runs: [++runs], messages: [] }) });
  await daemon.person.commit('one');
  const both = await Promise.all([push(daemon, 'main:a').ended, push(daemon, 'main:b').ended]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
    both.map(({ stderr }) => stderr).join('\n'),
  );
  assert.match(both.map(({ stderr }) => stderr).join(), /a line of run 1[^]*a line of run 2|a line of run 2[^]*a line of run 1/);
  await daemon.person.git('config', 'remote.antler.url', join(daemon.home, 'repos/other.git'));
  const other = await push(daemon, 'main').ended;
  assert.match(other.stderr, /this instance holds moose[^]*\[repos\/absent\]/);
  assert.notEqual(other.code, 0);
  await daemon.stop();
  const gone = await push(daemon, 'main').ended;
  assert.match(gone.stderr, /\[daemon\/unreachable\]/);
  assert.notEqual(gone.code, 0);
});

test('serveGit: a path that is none is refused, a pusher who is silent does not hold a daemon that stops', async (t) => {
  const daemon = await createDaemon(t);
  const ask = (path: string) => {
    const socket = connect({ path: apiSocketOf(daemon.home), allowHalfOpen: true });
    let said = '';
    socket.on('data', (chunk: Buffer) => void (said += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: antler-git\r\n\r\n`);
    return { socket, said: () => said };
  };
  for (const path of ['/v1/repos/%zz/receive', '/v1/health', '/v1/repos/a/b/receive']) {
    const { said } = ask(path);
    await until(() => said().startsWith('HTTP/1.1 404'), path);
  }
  const silent = ask('/v1/repos/moose/receive');
  await until(() => silent.said().includes('refs/heads') || silent.said().includes('capabilities'), 'git speaks');
  silent.socket.pause();
  await daemon.stop();
  assert.equal(await daemon.connections(), 0);
});
