import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AntlerError } from './errors.ts';
import { exec, execBytes } from './exec.ts';
import { isAlive } from './processes.ts';

const signal = AbortSignal.timeout(60_000);
const sh = (script: string): [string, ...string[]] => ['sh', '-c', script];

test('exec: what it printed and how it ended; a code that is accepted is an answer', async () => {
  const done = await exec(sh('echo out; echo err >&2; exit 3'), { signal, accept: [3] });
  assert.deepEqual([done.stdout, done.stderr, done.exitCode], ['out\n', 'err\n', 3]);
});

test('exec: a failure has the code and the last twenty lines of both streams', async () => {
  await assert.rejects(exec(sh('seq 30; echo why >&2; exit 4'), { signal }), (error: AntlerError) => {
    assert.equal(error.code, 'kit/exec-failed');
    assert.match(error.message, /ended with 4$/);
    assert.deepEqual([error.lines.length, error.lines.at(0), error.lines.at(-1)], [20, '12', 'why']);
    return true;
  });
});

test('exec: ended by a signal is never an accepted answer', async () => {
  await assert.rejects(exec(sh('kill -KILL $$'), { signal, accept: [128, 137] }), {
    code: 'kit/exec-failed',
    message: /killed by SIGKILL/,
  });
});

test('exec: a program that is not there, and words that no program can be given', async () => {
  await assert.rejects(exec(['no-such-program'], { signal }), {
    code: 'kit/exec-missing',
    message: /`no-such-program` as it is not installed/,
  });
  await assert.rejects(exec(['echo', 'a\0b'], { signal }), { code: 'kit/exec-failed' });
  await assert.rejects(exec(['/etc/passwd'], { signal }), { code: 'kit/exec-failed', message: /could not be started.*EACCES/ });
});

test('exec: what is interrupted is told to end, and has ended', async () => {
  const abort = new AbortController();
  const lines: string[] = [];
  const ran = exec(sh('trap "echo told; exit" TERM; echo $$; while :; do sleep 0.05; done'), {
    signal: abort.signal,
    onLine: (line) => {
      if (lines.push(line) === 1) abort.abort();
    },
  });
  await assert.rejects(ran, { code: 'kit/aborted' });
  assert.equal(lines[1], 'told');
  assert.equal(isAlive(Number(lines[0])), false);
  await assert.rejects(exec(['true'], { signal: abort.signal }), { name: 'AbortError' });
});

test('exec: one that takes too long is told to end, with its last lines', async () => {
  await assert.rejects(exec(sh('echo begun; exec sleep 60'), { signal, timeoutMs: 300 }), (error: AntlerError) => {
    assert.deepEqual([error.code, error.lines], ['kit/timeout', ['begun']]);
    return true;
  });
});

test('exec: one that does not listen to SIGTERM is killed five seconds later', async () => {
  const started = performance.now();
  await assert.rejects(exec(['node', '-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { signal, timeoutMs: 1000 }), {
    code: 'kit/timeout',
  });
  assert.ok(performance.now() - started >= 5900);
});

test('exec: one that prints more than it may is ended', async () => {
  await assert.rejects(exec(['yes'], { signal, maxBytes: 100_000 }), { code: 'kit/exec-failed', message: /printed more than it may/ });
});

test('exec: lines of both streams come as they are printed, the last one without its end', async () => {
  const lines: string[] = [];
  await exec(sh('echo a; echo b >&2; printf ü'), { signal, onLine: (line) => lines.push(line) });
  assert.deepEqual(lines.toSorted(), ['a', 'b', 'ü']);
});

test('exec: input is given whole, and may be left unread', async () => {
  const input = 'x'.repeat(1_000_000);
  assert.equal((await exec(['cat'], { signal, input })).stdout, input);
  assert.equal((await exec(['true'], { signal, input })).exitCode, 0);
  assert.equal((await exec(['cat'], { signal })).stdout, '');
});

test('exec: an environment of its own holds nothing of ours', async () => {
  assert.equal((await exec(['/usr/bin/env'], { signal, env: { A: '1' }, cleanEnv: true })).stdout, 'A=1\n');
  assert.match((await exec(['/usr/bin/env'], { signal, env: { A: '1' } })).stdout, /^PATH=/m);
});

test('execBytes: bytes that are no text stay what they are', async () => {
  assert.deepEqual([...(await execBytes(['printf', '\\377\\0\\n'], { signal }))], [255, 0, 10]);
});
