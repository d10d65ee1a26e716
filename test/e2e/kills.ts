/** What is killed, stopped or taken away while the instance serves. */

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { test } from 'node:test';

import type { Receipt, Release } from '../../src/contract/releases.ts';
import { heard, kill, pidsOf, podman } from '../kit/machine.ts';
import { BACKEND, file, it, releases, underLoad } from './shared.ts';

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
