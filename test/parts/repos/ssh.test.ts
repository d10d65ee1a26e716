/** Pushes over SSH: Debian’s sshd with a configuration, a port and a host key of its own, the real program, the real API. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, readdirSync, chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { createDaemon, until, type Daemon } from './daemon.ts';
import { PERSON, run, type Ended } from './fixture.ts';

const SSHD = '/usr/sbin/sshd';
const skip = existsSync(SSHD) ? false : 'no sshd here: node test/prepare.ts';

test('antler keys add, ls, rm: one line of ours, other bytes kept, modes as sshd wants them', async (t) => {
  const daemon = await createDaemon(t);
  const { user, home } = await account(t, daemon);
  const file = join(home, '.ssh/authorized_keys');
  const pub = await keyPair(daemon, 'ada');
  const antler = async (...words: readonly string[]): Promise<Ended> => daemon.antler('keys', ...words, '--user', user);
  const added = await antler('add', 'ada', `${pub}.pub`);
  assert.equal(added.code, 0, added.stderr);
  const { uid, mode } = statSync(file);
  assert.deepEqual([mode & 0o777, statSync(join(home, '.ssh')).mode & 0o777], [0o600, 0o700]);
  assert.equal(uid, statSync(home).uid, 'it is the account’s');
  const others = '# mine \xff\r\n\nno line end';
  appendFileSync(file, Buffer.from(others, 'latin1'));
  assert.equal((await antler('add', 'bob', readFileSync(`${await keyPair(daemon, 'bob')}.pub`, 'utf8').trim())).code, 0);
  assert.equal((await antler('add', 'ada', `${pub}.pub`)).code, 0, 'again');
  const list = JSON.parse((await antler('ls', '--json')).stdout) as { keys: { name: string; fingerprint: string }[] };
  assert.deepEqual(
    list.keys.map(({ name }) => name),
    ['ada', 'bob'],
  );
  assert.match((await run(['ssh-keygen', '-lf', `${pub}.pub`])).stdout, new RegExp(RegExp.escape(list.keys[0]?.fingerprint ?? '-')));
  const many = await Promise.all(['c', 'd'].map(async (name) => antler('add', name, `${await keyPair(daemon, name)}.pub`)));
  assert.deepEqual(
    many.map(({ code }) => code),
    [0, 0],
  );
  assert.deepEqual(readdirSync(join(home, '.ssh')), ['authorized_keys'], 'no lock is left');
  const removed = await Promise.all(['ada', 'bob', 'c', 'd'].map(async (name) => antler('rm', name)));
  assert.deepEqual([...new Set(removed.map(({ code }) => code))], [0], 'each of those that were added at once was there');
  assert.equal(readFileSync(file, 'latin1'), `${others}\n`);
  for (const words of [
    ['rm', 'ada'],
    ['add', 'a b', `${pub}.pub`],
    ['add', 'x', pub],
    ['add', 'x', '/nowhere'],
  ] as const) {
    const refused = await antler(...words);
    assert.deepEqual([refused.code, /\[repos\/key\]/.test(refused.stderr)], [64, true], refused.stderr);
  }
});

test('antler ssh-serve: a push over SSH is live and ends as its run ends; a fetch works; nothing else does', { skip }, async (t) => {
  const daemon = await createDaemon(t, {
    onPushed: async ({ updates }) => ({ runs: updates[0]?.ref === 'refs/heads/bad' ? [8] : [7], messages: ['main: delivery.yml'] }),
    conclusions: { 8: 'failure' },
    hang: true,
  });
  const { user } = await account(t, daemon);
  const ssh = await openSshd(t, daemon, user);
  const { person } = daemon;
  const sha = await person.commit('one');
  const url = `ssh://${user}@127.0.0.1:${ssh.port}/~/moose.git`;
  const good = daemon.start(['git', 'push', url, 'main'], ssh.env);
  const before = await good.says(/a line of run 7/);
  assert.match(before, /main: delivery\.yml/);
  assert.equal(good.child.exitCode, null, 'lines come while the run goes on');
  daemon.finish();
  const { code, stderr } = await good.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /new branch/);
  assert.equal(await daemon.repository.resolve('main', t.signal), sha);
  assert.equal(daemon.pushed[0]?.[1], user, 'the account is who pushed');
  const bad = await daemon.start(['git', 'push', url, 'main:bad'], ssh.env).ended;
  assert.notEqual(bad.code, 0, bad.stderr);
  assert.match(bad.stderr, /a line of run 8/);
  const clone = join(daemon.root, 'clone');
  assert.equal((await run(['git', 'clone', '--quiet', url, clone], { env: { ...PERSON, ...ssh.env } })).code, 0);
  assert.equal((await run(['git', 'rev-parse', 'HEAD'], { cwd: clone })).stdout.trim(), sha);
  for (const [words, says] of [
    [['id'], /\[api\/denied\]/],
    [[], /\[api\/denied\]/],
    [["git-receive-pack 'other.git'"], /this instance holds moose/],
  ] as const) {
    const refused = await run(['ssh', ...ssh.argv, ...words], { env: { ...PERSON, ...ssh.env } });
    assert.match(refused.stderr, says);
    assert.notEqual(refused.code, 0);
    assert.doesNotMatch(refused.stdout, /uid=/);
  }
});

test('antler ssh-serve: whose connection is gone follows no more, and the push counts', { skip }, async (t) => {
  const daemon = await createDaemon(t, { onPushed: async () => ({ runs: [7], messages: [] }), hang: true });
  const { user } = await account(t, daemon);
  const ssh = await openSshd(t, daemon, user);
  await daemon.person.commit('one');
  const push = daemon.start(['git', 'push', `ssh://${user}@127.0.0.1:${ssh.port}/moose.git`, 'main'], ssh.env);
  await push.says(/a line of run 7/);
  process.kill(-(push.child.pid ?? 0), 'SIGKILL');
  await until(() => daemon.following.size === 0, 'nobody follows');
  assert.equal(daemon.pushed.length, 1);
});

/** An account of this test’s, in the daemon’s socket’s group by way of an open door: the socket is everybody’s here. */
async function account(t: TestContext, daemon: Daemon): Promise<{ readonly user: string; readonly home: string }> {
  const user = `antler-t${process.pid % 100_000}`;
  const home = join(daemon.root, 'account');
  chmodSync(daemon.root, 0o755);
  const made = await run(['useradd', '--create-home', '--home-dir', home, '--shell', '/bin/sh', '--password', '*', user]);
  assert.equal(made.code, 0, made.stderr);
  t.after(async () => run(['userdel', '--force', user]));
  chmodSync(join(daemon.home, 'run', 'api.sock'), 0o666);
  return { user, home };
}

async function keyPair(daemon: Daemon, name: string): Promise<string> {
  const file = join(daemon.root, name);
  const made = await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', `${name}@home`, '-f', file]);
  assert.equal(made.code, 0, made.stderr);
  return file;
}

interface Sshd {
  readonly port: number;
  readonly env: NodeJS.ProcessEnv;
  /** After `ssh`: options and destination. */
  readonly argv: readonly string[];
}

async function openSshd(t: TestContext, daemon: Daemon, user: string): Promise<Sshd> {
  const [host, own] = [await keyPair(daemon, 'host'), await keyPair(daemon, 'ada')];
  const added = await daemon.antler('keys', 'add', 'ada', `${own}.pub`, '--user', user);
  assert.equal(added.code, 0, added.stderr);
  const port = await freePort();
  const config = join(daemon.root, 'sshd_config');
  writeFileSync(
    config,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${host}`,
      `PidFile none`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes yes',
      `AllowUsers ${user}`,
      '',
    ].join('\n'),
  );
  mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const sshd = spawn(SSHD, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  sshd.stderr.on('data', (chunk: Buffer) => void (said += chunk.toString()));
  t.after(() => sshd.kill());
  await until(() => said.includes('Server listening') || sshd.exitCode !== null, 'sshd listens');
  assert.equal(sshd.exitCode, null, said);
  const options = [
    '-F',
    'none',
    '-i',
    own,
    ...['IdentitiesOnly=yes', 'StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'].flatMap((each) => ['-o', each]),
  ];
  return {
    port,
    env: { GIT_SSH_COMMAND: `ssh ${options.join(' ')}` },
    argv: [...options, '-p', String(port), `${user}@127.0.0.1`],
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => void server.close(done));
  assert.ok(typeof address === 'object' && address !== null);
  return address.port;
}
