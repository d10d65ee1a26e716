/** The API commands as processes: what they ask, print and end with, against a daemon that holds them to the contract. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';

import { CASES, log, step, waiting } from './cases.ts';
import { RUN_CASES } from './run-cases.ts';
import { RECEIPT, STATUS } from './samples.ts';
import { createStandIn } from './stand-in.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');
for (const { line, exit = 0, prints, lastJson, next, ...first } of [...CASES, ...RUN_CASES]) {
  test(`antler ${line}: asks by the contract, prints for people and for programs, ends ${exit}`, async (t) => {
    const daemon = await createStandIn(t);
    const calls = next === undefined ? [first] : [first, next];
    for (const { name, answer } of calls) daemon.answer(name, answer);
    await writeFile(join(daemon.home, 'antler.config.ts'), '');
    const folder = join(daemon.home, 'apps/below');
    await mkdir(folder, { recursive: true });
    const forPeople = await ended(start(line.split(' '), { ANTLER_HOME: daemon.home }, folder));
    assert.deepEqual([forPeople.code, forPeople.stderr.includes('error')], [exit, false], forPeople.stderr);
    assert.match(forPeople.stdout, prints);
    assert.ok(!forPeople.stdout.includes('\u001b'), 'colour where no terminal is');
    const merged = daemon.asked.map(({ name, params, query, body }) => {
      const all = JSON.stringify({ ...(params as object), ...(query as object), ...(body as object) });
      return { name, asked: JSON.parse(all.replaceAll(daemon.home, '$HOME')) as unknown };
    });
    assert.deepEqual(
      merged,
      calls.map(({ name, asked }) => ({ name, asked })),
    );

    const words = line.includes(' -- ') ? line.replace(' -- ', ' --json -- ') : `${line} --json`;
    const forPrograms = await ended(start(words.split(' '), { ANTLER_HOME: daemon.home }, folder));
    assert.deepEqual([forPrograms.code, forPrograms.stderr], [exit, '']);
    const objects = forPrograms.stdout
      .trimEnd()
      .split('\n')
      .map((one) => JSON.parse(one) as unknown);
    const { events = [], result } = calls.at(-1)?.answer ?? {};
    assert.deepEqual(objects.slice(0, events.length), events);
    assert.deepEqual(objects.at(-1), lastJson ?? result);
  });
}

test('antler promote: an approval that is due says what to type, with the home that was named', async (t) => {
  const daemon = await createStandIn(t);
  daemon.answer('promote', { events: [waiting], result: RECEIPT });
  const { stderr } = await ended(start(['promote', 'prod', '--home', daemon.home]));
  assert.ok(stderr.includes(`antler approve a7 --home ${daemon.home}`), stderr);
});

test('antler deploy: Ctrl-C leaves the rollout alone, says so and ends 130', async (t) => {
  const daemon = await createStandIn(t);
  daemon.answer('deploy', { events: [step('start')], hang: true });
  const child = start(['deploy', 'dev'], { ANTLER_HOME: daemon.home });
  const over = ended(child);
  while (daemon.asked.length === 0) await wait(20);
  await wait(50);
  child.kill('SIGINT');
  const { code, stderr } = await over;
  assert.equal(code, 130);
  assert.match(stderr, /the rollout itself goes on[^]*antler status --watch/);
  await daemon.asked[0]?.left;
});

for (const line of ['logs dev -f', 'status --watch']) {
  test(`antler ${line}: Ctrl-C is how it ends, without an error`, async (t) => {
    const daemon = await createStandIn(t);
    daemon.answer('logs', { events: [log], hang: true });
    daemon.answer('watch', { events: [{ kind: 'board', status: STATUS }], hang: true });
    const child = start(line.split(' '), { ANTLER_HOME: daemon.home });
    const over = ended(child);
    child.stdout?.once('data', () => child.kill('SIGINT'));
    const { code, stderr } = await over;
    assert.deepEqual([code, stderr], [130, '']);
  });
}

test('antler status --watch --json: one board a line, at each change, without being asked again', async (t) => {
  const daemon = await createStandIn(t);
  const boards = [STATUS, { ...STATUS, notices: ['history is not being written'] }];
  daemon.answer('watch', { events: boards.map((status) => ({ kind: 'board', status })), result: { events: 2 } });
  const { stdout } = await ended(start(['status', '--watch', '--json'], { ANTLER_HOME: daemon.home }));
  assert.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    boards,
  );
  assert.equal(daemon.asked.length, 1);
});

test('antler: the daemon’s error is printed with hint and lines, as JSON with --json, and ends as its code says', async (t) => {
  const daemon = await createStandIn(t);
  const error = {
    code: 'releases/needs-approval',
    message: 'Cannot promote r42 to prod as nobody has approved it',
    hint: 'Wait',
    lines: ['a line'],
  };
  for (const answer of [{ status: 409, error }, { error }]) {
    daemon.answer('promote', answer);
    const people = await ended(start(['promote', 'prod'], { ANTLER_HOME: daemon.home }));
    assert.deepEqual([people.code, people.stdout], [2, '']);
    assert.match(people.stderr, /^error Cannot promote[^]*│ a line\n hint Wait \[releases\/needs-approval\]\n$/);
    const json = await ended(start(['promote', 'prod', '--json'], { ANTLER_HOME: daemon.home }));
    assert.deepEqual([json.code, json.stdout, JSON.parse(json.stderr)], [2, '', { error }]);
  }
});

test('antler: a word that can be no release id is refused before the daemon is asked', async (t) => {
  const daemon = await createStandIn(t);
  for (const line of ['deploy dev R1', 'rollback dev --to r0', `receipt ${'r'.repeat(300)} --env dev`, 'receipt r1;id --env dev']) {
    const { code, stderr } = await ended(start(line.split(' '), { ANTLER_HOME: daemon.home }));
    assert.equal(code, 64);
    assert.match(stderr, /^error Cannot find the release .{1,120}\n.*unknown-release/);
  }
  assert.equal(daemon.asked.length, 0);
});

test('antler: no daemon ends 1 with daemon/unreachable; a socket that is not ours with api/denied', async (t) => {
  const daemon = await createStandIn(t);
  const absent = await ended(start(['status', '--json'], { ANTLER_HOME: '/var/tmp/antler-none' }));
  assert.equal(absent.code, 1);
  assert.match(absent.stderr, /"daemon\/unreachable".*antler up/);
  await chmod(daemon.home, 0o755);
  await chmod(join(daemon.home, 'run/api.sock'), 0o600);
  const node = join(daemon.home, 'node');
  await cp(process.execPath, node); // the Node of this test may lie where nobody else may go
  await cp(resolve(MAIN, '../../'), join(daemon.home, 'src'), { recursive: true });
  await cp(resolve(MAIN, '../../../package.json'), join(daemon.home, 'package.json'));
  const child = spawn(node, [join(daemon.home, 'src/cli/main.ts'), 'status'], {
    env: { ANTLER_HOME: daemon.home },
    cwd: '/',
    uid: 65_534,
    gid: 65_534,
  });
  const denied = await ended(child);
  assert.equal(denied.code, 1);
  assert.match(denied.stderr, /usermod -aG antler[^]*\[api\/denied\]/);
});

test('antler: a reader that has seen enough is no failure', async (t) => {
  const daemon = await createStandIn(t);
  daemon.answer('logs', { events: Array.from({ length: 5000 }, () => log), result: { lines: 5000 } });
  const child = start(['logs', 'dev'], { ANTLER_HOME: daemon.home });
  child.stdout?.once('data', () => child.stdout?.destroy());
  const stderr = text(child.stderr ?? assert.fail());
  const code = await new Promise((resolve) => void child.on('exit', resolve));
  assert.deepEqual([code, await stderr], [0, '']);
});

function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = '/'): ChildProcess {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function ended(child: ChildProcess): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const { stdout, stderr } = child;
  assert.ok(stdout && stderr);
  const over = new Promise<number | null>((resolve) => void child.on('exit', resolve));
  const [out, err, code] = await Promise.all([text(stdout), text(stderr), over]);
  return { code, stdout: out, stderr: err };
}
