/** Containers whose monitor (conmon) was killed: nobody notes their end any more, and yet they come back, and go without a trace. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { test } from 'node:test';

import { createKeeper, type KeeperVerdict } from '../../../src/engines/engines.ts';
import type { Exit } from '../../../src/engines/types.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { errnoOf } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { isAlive } from '../../../src/kit/processes.ts';
import { poll } from '../../../src/kit/wait.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { openPodman } from './fixture.ts';

test('a container without its monitor', async (t) => {
  const fixture = await openPodman(t);
  const { engine } = fixture;
  const signal = AbortSignal.timeout(120_000);
  await engine.ensureNetwork({ name: fixture.network, subnet: `${fixture.net}.0/24` }, signal);
  const spec = specOf(fixture, 'kept');
  const { name } = spec;
  const exits: Exit[] = [];
  const said: KeeperVerdict['kind'][] = [];
  const until = new AbortController();
  const keeper = createKeeper({
    engine: {
      start: (...asked) => engine.start(...asked),
      async *exits(hearing) {
        for await (const exit of engine.exits(hearing)) {
          exits.push(exit);
          yield exit;
        }
      },
    },
    clock: systemClock,
    wantedRunning: () => true,
    recreate: async (_, making) => {
      await engine.create(spec, making);
      await engine.start(name, making);
    },
    onVerdict: (_, { kind }) => void said.push(kind),
  });
  const keeping = keeper.run(until.signal);
  const namespaces = new Set<string>();
  const pidOf = async (): Promise<number | undefined> => {
    const state = (await engine.inspect(name, signal))?.state;
    return state?.kind === 'running' ? state.pid : undefined;
  };
  const killMonitor = async (): Promise<void> => {
    assert.equal(await own(), 1);
    const pid = Number((await exec(['podman', 'inspect', '--format', '{{.State.ConmonPid}}', name], { signal })).stdout);
    assert.match(await readFile(`/proc/${pid}/comm`, 'utf8'), /^conmon/);
    process.kill(pid, 'SIGKILL');
    await poll(() => (isAlive(pid) ? undefined : true), { signal, timeoutMs: 5000, what: 'the end of the monitor' });
  };
  /** Of all namespaces that it has ever had, those that are there: other tests have theirs beside it. */
  const own = async (): Promise<number> => {
    const argv = ['podman', 'inspect', '--format', '{{.NetworkSettings.SandboxKey}}', name] as const;
    const { stdout } = await exec([...argv], { signal, accept: [125] });
    if (stdout.trim() !== '') namespaces.add(stdout.trim());
    return [...namespaces].filter((path) => existsSync(path)).length;
  };
  await engine.create(spec, signal);
  await engine.start(name, signal);

  await t.test('it is let run, and started again within seconds when it ends, every time; one end is counted once', async () => {
    for (const round of [1, 2]) {
      const pid = (await pidOf()) ?? assert.fail('it does not run');
      await killMonitor();
      assert.equal(await pidOf(), pid, 'what serves is let alone');
      process.kill(pid, 'SIGKILL');
      const began = performance.now();
      const back = async (): Promise<number | undefined> => {
        const now = await pidOf();
        return now === pid ? undefined : now;
      };
      await poll(back, { signal, timeoutMs: 20_000, what: 'its return' });
      t.diagnostic(`back after ${Math.round(performance.now() - began)} ms`);
      await poll(() => (said.at(-1) === 'running' ? true : undefined), { signal, timeoutMs: 10_000, what: 'the verdict' });
      assert.deepEqual(
        exits.map(({ exitCode, reason }) => [exitCode, reason]),
        Array.from({ length: round }, () => [137, 'killed']),
      );
      assert.ok(Date.now() - (exits.at(-1)?.at ?? 0) < performance.now() - began + 100, 'told as of when it ended');
      assert.equal(await own(), 1, 'the namespace of its last life is gone');
      assert.equal(await answers(spec.address), 'ECONNREFUSED', 'it is reached at its address, where nothing listens');
    }
    // The new monitor is heard again.
    const pid = (await pidOf()) ?? assert.fail();
    process.kill(pid, 'SIGKILL');
    await poll(() => (exits.length === 3 ? true : undefined), { signal, timeoutMs: 10_000, what: 'the third end' });
    await poll(async () => ((await pidOf()) !== undefined && (await pidOf()) !== pid) || undefined, {
      signal,
      timeoutMs: 10_000,
      what: 'its return',
    });
  });

  await t.test('it is made anew when somebody else has removed it', async () => {
    const pid = (await pidOf()) ?? assert.fail();
    await killMonitor();
    await exec(['podman', 'rm', '--force', '--time', '0', name], { signal });
    await poll(async () => ![undefined, pid].includes(await pidOf()) || undefined, { signal, timeoutMs: 20_000, what: 'its return' });
    assert.equal(await own(), 1, 'the namespace of the one that was removed is gone');
  });

  await t.test('it is stopped and removed as any other: no process, namespace or address stays', async () => {
    until.abort();
    await keeping;
    const pid = (await pidOf()) ?? assert.fail();
    await killMonitor();
    await engine.stop(name, { graceMs: 1000, signal });
    assert.equal(isAlive(pid), false);
    await engine.remove(name, signal);
    assert.deepEqual([await engine.inspect(name, signal), await own()], [undefined, 0]);
    await engine.create(spec, signal);
    await engine.start(name, signal);
    assert.equal(await own(), 1);
    await engine.remove(name, signal);
    assert.equal(await own(), 0);
  });
});

async function answers(host: string): Promise<string | undefined> {
  const socket = connect({ host, port: 9, timeout: 3000 });
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  socket.once('connect', () => resolve('connected'));
  socket.once('timeout', () => resolve('timeout'));
  socket.once('error', (error) => resolve(errnoOf(error)));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
