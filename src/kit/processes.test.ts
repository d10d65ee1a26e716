import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { familyFinder, familyOf, isAlive, killAll, livingAt, parseStat, processIds } from './processes.ts';

test('parseStat: a name may hold anything; what has ended is nobody', () => {
  const text = '42 (a) b (c) S 7 42 40 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 8123 9';
  assert.deepEqual(parseStat(text), { pid: 42, name: 'a) b (c', parent: 7, session: 40, stopped: false, start: '8123' });
  assert.equal(parseStat('43 (sh) Z 7 42 40 0'), undefined);
});

const living = (pid: number, parent: number, session: number) => ({ pid, name: 'x', parent, session, stopped: false, start: '' });

test('familyOf: children of children, and those of the session whose parent is gone; nobody else', () => {
  const all = [living(10, 1, 10), living(11, 10, 10), living(12, 11, 12), living(13, 1, 10), living(14, 13, 14), living(20, 1, 20)];
  assert.deepEqual(familyOf(new Set([10]), all), new Set([10, 11, 12, 13, 14]));
  assert.deepEqual(familyOf(new Set([99]), all), new Set());
});

test('isAlive: a process that has ended and that nobody has taken note of is gone', async (t) => {
  // The shell becomes a sleep, which never asks how its child ended.
  const parent = spawn('/bin/sh', ['-c', 'sleep 100 & echo $!; exec sleep 100'], { stdio: ['ignore', 'pipe', 'ignore'] });
  t.after(() => parent.kill('SIGKILL'));
  let child = 0;
  for await (const line of createInterface(parent.stdout)) {
    child = Number(line);
    break;
  }
  while (livingAt(parent.pid ?? 0)?.name !== 'sleep') await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(isAlive(child), true);
  process.kill(child, 'SIGKILL');
  while (isAlive(child)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(existsSync(`/proc/${child}`), 'it is still there');
  assert.equal(isAlive(child), false);
});

test('killAll: nobody is left of a family that forks into sessions of their own all the while', async (t) => {
  const mark = `ANTLER_TEST_MARK=${randomUUID()}`;
  const left = (): readonly number[] =>
    processIds().filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark);
      } catch {
        return false;
      }
    });
  t.after(() => left().forEach((pid) => process.kill(pid, 'SIGKILL')));
  for (let turn = 0; turn < 5; turn += 1) {
    const forks = 'for i in $(seq 200); do setsid sh -c "setsid sleep 100 & setsid sleep 100 & wait" & done; echo forked; wait';
    const [name = '', value = ''] = mark.split('=');
    const root = spawn('/bin/sh', ['-c', forks], { stdio: 'ignore', detached: true, env: { PATH: '/usr/bin:/bin', [name]: value } });
    while (left().length < 20 * (turn + 1)) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.equal(await killAll(familyFinder(root.pid ?? 0), t.signal), true);
    assert.deepEqual(left().filter(isAlive), []);
  }
});
