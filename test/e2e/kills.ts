/** What is killed, stopped or taken away while the instance serves. */

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';

import type { Receipt, Release } from '../../src/contract/releases.ts';
import { gapOf, haproxy } from '../kit/edge.ts';
import { heard, kill, pidsOf, podman } from '../kit/machine.ts';
import { BACKEND, file, it, releases, underLoad, url } from './shared.ts';

test('a container killed, stopped or removed by hand comes back', async () => {
  const name = (
    await podman(it, 'ps', '--filter', 'label=antler.environment=dev', '--filter', 'label=antler.service=backend', '--format', '{{.Names}}')
  ).trim();
  for (const args of [
    ['kill', name],
    ['stop', '-t', '1', name],
    ['restart', '-t', '1', name],
    ['rm', '-f', '-t', '1', name],
  ]) {
    // Podman's own `rm -f` may find the container's memory file system busy: the second time it does not.
    await podman(it, ...args).catch(async () => podman(it, ...args).catch(() => undefined));
    await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up', `after podman ${args[0] ?? ''}`);
  }
});

test('HAProxy killed, worker or master, the daemon dead too: a new one answers within a second, as a client that never stops asking sees it', async (t) => {
  const daemon = await pidsOf(it.home, 'src/daemon.ts');
  for (const pid of daemon) process.kill(pid, 'SIGSTOP'); // dead for the supervisor's eyes too: it does not start another
  try {
    for (const which of ['worker', 'master'] as const) {
      const before = await haproxy(it.home);
      const { gapMs, failures } = await gapOf(url(30010), async () => kill(before[which]));
      const after = await haproxy(it.home);
      t.diagnostic(`${which}: ${gapMs} ms without an answer, ${failures} requests failed`);
      assert.ok(after.master !== before.master && after.worker !== before.worker, `${which}: ${JSON.stringify({ before, after })}`);
      assert.ok(gapMs <= 1000, `${which}: ${gapMs} ms`);
    }
  } finally {
    for (const pid of daemon) process.kill(pid, 'SIGCONT');
  }
  await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up');
});

test('daemon killed with -9 during a build: nothing is recorded, and the next build goes on', async () => {
  const count = (await releases()).length;
  appendFileSync(file(BACKEND), '\n// build\n');
  const building = it.start(['build', '--json']);
  await heard(building, 'build/backend');
  for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
  await new Promise((done) => building.on('close', done));
  assert.equal(building.exitCode, 1);
  await it.until(async () => (await it.status()).app === 'moose-facts', 'the daemon');
  assert.equal((await releases()).length, count);
  await it.json(['build']);
  assert.equal((await releases()).length, count + 1);
});

test('daemon killed with -9 before the shift and during the drain: undone or finished, and no request is lost', async () => {
  for (const [step, verdicts] of [
    ['dev/start/backend', ['undone', 'verified']],
    ['dev/retire', ['verified']],
  ] as const) {
    appendFileSync(file(BACKEND), `\n// ${step}\n`);
    const { id } = await it.json<Release>(['build']);
    const { lost } = await underLoad(30008, async () => {
      const deploying = it.start(['deploy', 'dev', '--json']);
      await heard(deploying, step);
      deploying.kill('SIGKILL');
      for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
      await it.until(async () => {
        const { verdict } = await it.json<Receipt>(['receipt', id, '--env', 'dev']);
        return (verdicts as readonly string[]).includes(verdict);
      }, `after ${step}`);
      await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up', `up after ${step}`);
    });
    assert.equal(lost, 0, step);
  }
});
