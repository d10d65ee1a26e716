import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'node:test';

import type { Sandbox, SandboxExit } from '../types.ts';
import { createHostSandbox } from './host.ts';

interface Heard extends SandboxExit {
  readonly text: string;
}

function open(times = { interruptMs: 200, terminateMs: 200 }): { readonly sandbox: Sandbox; readonly root: string } {
  const root = mkdtempSync(join(tmpdir(), 'antler-host-sandbox-'));
  return { root, sandbox: createHostSandbox({ root, name: 'test', repository: 'r', env: { ...process.env, LEAK: 'x' }, times }) };
}

async function run(sandbox: Sandbox, script: string, signal = new AbortController().signal): Promise<Heard> {
  let text = '';
  const exit = await sandbox.exec({
    argv: ['sh', '-c', script],
    cwd: sandbox.paths.workspace,
    env: sandbox.env,
    signal,
    onOutput: (chunk) => void (text += Buffer.from(chunk).toString('utf8')),
  });
  return { ...exit, text };
}

test('createHostSandbox: exit codes are the program’s own, or 128 and the signal', async () => {
  const { sandbox, root } = open();
  await using place = sandbox;
  assert.deepEqual(await run(place, 'echo out; echo err >&2; exit 7'), { exitCode: 7, reason: 'done', text: 'out\nerr\n' });
  assert.equal((await run(place, 'kill -9 $$')).exitCode, 137);
  assert.equal((await run(place, 'echo "${LEAK:-clean}"; test -n "$HOME"')).text, 'clean\n');
  assert.ok(existsSync(root));
});

test('createHostSandbox: disposing removes the folder and ends what runs on, also in a session of its own', async () => {
  const { sandbox, root } = open();
  const { text } = await run(sandbox, 'setsid sleep 1000 & echo $!; (sleep 1000 &)');
  await sandbox[Symbol.asyncDispose]();
  assert.equal(existsSync(root), false);
  assert.equal(commandOf(Number(text)), '');
});

/** Empty for what has gone, and for what only nobody has buried yet. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** Who listens to what → how it ends. */
const LADDER: readonly (readonly [string, string, number])[] = [
  ['SIGINT is enough', 'trap "exit 3" INT; echo ready; while :; do sleep 0.05; done', 3],
  ['SIGTERM is enough', 'trap "" INT; trap "exit 4" TERM; echo ready; while :; do sleep 0.05; done', 4],
  ['only SIGKILL helps', 'trap "" INT TERM; echo ready; while :; do sleep 0.05; done', 137],
];

for (const [what, script, exitCode] of LADDER) {
  test(`createHostSandbox: cancelling asks, asks firmly, kills: ${what}`, async () => {
    await using place = open().sandbox;
    const stop = new AbortController();
    let text = '';
    const exit = await place.exec({
      argv: ['sh', '-c', script],
      cwd: place.paths.workspace,
      env: place.env,
      signal: stop.signal,
      onOutput: (chunk) => {
        text += Buffer.from(chunk).toString('utf8');
        if (text === 'ready\n') stop.abort();
      },
    });
    assert.deepEqual(exit, { exitCode, reason: 'canceled' });
  });
}

test('createHostSandbox: a reader that is slow slows the program down and loses nothing', async () => {
  await using place = open().sandbox;
  let size = 0;
  await place.exec({
    argv: ['sh', '-c', 'head -c 1000000 /dev/zero'],
    cwd: place.paths.workspace,
    env: place.env,
    signal: new AbortController().signal,
    onOutput: async (chunk) => {
      await wait(2);
      size += chunk.length;
    },
  });
  assert.equal(size, 1_000_000);
});

test('createHostSandbox: who holds the pipe in the background does not hold the step', async () => {
  await using place = open().sandbox;
  const began = Date.now();
  assert.equal((await run(place, 'sleep 30 & echo done')).text, 'done\n');
  assert.ok(Date.now() - began < 10_000);
});

test('createHostSandbox: a program or folder that is not there is said', async () => {
  await using place = open().sandbox;
  const exec = async (program: string, cwd: string): Promise<SandboxExit> =>
    place.exec({ argv: [program], cwd, env: place.env, signal: new AbortController().signal, onOutput: () => undefined });
  await assert.rejects(exec('no-such-program', place.paths.workspace), { code: 'kit/exec-missing', message: /not installed/ });
  await assert.rejects(exec('true', '/nowhere/at/all'), { code: 'kit/exec-missing', message: /no folder/ });
});
