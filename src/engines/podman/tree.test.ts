import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';

import { descendants, isAlive, parseStat } from './tree.ts';

test('parseStat: a name may hold anything; what has ended is nobody', () => {
  assert.deepEqual(parseStat('42 (a) b (c) S 7 42 40 0 -1 4194560'), { pid: 42, parent: 7, session: 40 });
  assert.equal(parseStat('43 (sh) Z 7 42 40 0'), undefined);
});

test('descendants: children of children, and those of the session whose parent is gone; nobody else', () => {
  const all = [
    { pid: 10, parent: 1, session: 10 },
    { pid: 11, parent: 10, session: 10 },
    { pid: 12, parent: 11, session: 12 },
    { pid: 13, parent: 1, session: 10 },
    { pid: 14, parent: 13, session: 14 },
    { pid: 20, parent: 1, session: 20 },
  ];
  assert.deepEqual(new Set(descendants(10, all)), new Set([10, 11, 12, 13, 14]));
  assert.deepEqual(descendants(99, all), []);
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
  assert.equal(isAlive(child), true);
  process.kill(child, 'SIGKILL');
  while (isAlive(child)) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(existsSync(`/proc/${child}`), 'it is still there');
  assert.equal(isAlive(child), false);
});
