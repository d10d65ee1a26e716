import assert from 'node:assert/strict';
import { access, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { poll } from '../kit/wait.ts';
import { takeTurn } from './turn.ts';

async function lockIn(t: TestContext): Promise<string> {
  const folder = await mkdtemp('/var/tmp/antler-turn-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'deep', 'lock');
}

const never = new AbortController().signal;

test('takeTurn() lets one after the other, and says for whom the second waits', async (t) => {
  const file = await lockIn(t);
  const lines: string[] = [];
  const first = await takeTurn(file, 'the build of a', { signal: never });
  let got = false;
  const second = takeTurn(file, 'the build of b', { signal: never, onLine: (line) => lines.push(line) }).then((turn) => {
    got = true;
    return turn;
  });
  await poll(() => (lines.length > 0 ? true : undefined), { signal: never, everyMs: 5, timeoutMs: 30_000, what: 'its words' });
  assert.equal(got, false);
  assert.deepEqual(lines, [`waiting for the build of a (process ${process.pid})`]);
  await first[Symbol.asyncDispose]();
  await (await second)[Symbol.asyncDispose]();
  assert.deepEqual(await readdir(join(file, '..')), []);
});

test('takeTurn() stops waiting on abort and leaves the holder alone', async (t) => {
  const file = await lockIn(t);
  await using first = await takeTurn(file, 'a', { signal: never });
  void first;
  await assert.rejects(takeTurn(file, 'b', { signal: AbortSignal.timeout(30) }));
  await access(file);
});

test('takeTurn() takes over from a process that is gone, or from a torn file', async (t) => {
  const file = await lockIn(t);
  await (await takeTurn(file, 'makes the folder', { signal: never }))[Symbol.asyncDispose]();
  for (const stale of [JSON.stringify({ pid: process.pid, startedAt: '1', what: 'same pid, other process' }), '{"pid":']) {
    await writeFile(file, stale);
    await (await takeTurn(file, 'mine', { signal: AbortSignal.timeout(30_000) }))[Symbol.asyncDispose]();
  }
});
