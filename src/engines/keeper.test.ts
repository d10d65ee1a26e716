import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';

import { createKeeper, type Keeper, type KeeperVerdict } from './keeper.ts';
import { createMemoryMachine, type MemoryBehaviour } from './memory/machine.ts';
import { createMemoryEngine } from './memory/memory.ts';
import { SETTLED } from './restart.ts';
import type { ContainerSpec, Engine } from './types.ts';
import { AntlerError } from '../kit/errors.ts';
import { poll } from '../kit/wait.ts';

const IMAGE = `127.0.0.1:5000/app@sha256:${'a'.repeat(64)}`;
const SPEC: ContainerSpec = {
  name: 'web',
  image: IMAGE,
  env: {},
  labels: {},
  network: 'net',
  address: '10.1.1.10',
  hosts: {},
  memory: 1,
  cpus: 1,
  pids: 1,
  hardened: false,
  volumes: [],
};

interface Scene {
  readonly engine: Engine;
  readonly keeper: Keeper;
  readonly said: KeeperVerdict['kind'][];
  readonly waits: number[];
  readonly state: () => Promise<string | undefined>;
  wanted: boolean;
  /** No engine answers. */
  absent: boolean;
}

const SIGNAL = AbortSignal.timeout(120_000); // it counts from when the file is loaded, which may be long before its tests

/** A keeper whose clock is moved by its waits, so that minutes pass at once; `settle`: the wait for a good life ends, too. */
async function open(t: TestContext, behave: () => MemoryBehaviour, settle = false): Promise<Scene> {
  const machine = createMemoryMachine();
  machine.images.add(IMAGE);
  let now = 1_000_000;
  const clock = { now: () => now };
  const engine = createMemoryEngine({ instance: 'i', machine, behave, clock });
  await engine.ensureNetwork({ name: 'net', subnet: '10.1.1.0/24' }, SIGNAL);
  const until = new AbortController();
  const scene = { said: [] as KeeperVerdict['kind'][], waits: [] as number[], wanted: true, absent: false };
  const start: Engine['start'] = async (name, signal) => {
    if (scene.absent) throw new AntlerError('engines/unreachable', 'Cannot reach it');
    await engine.start(name, signal);
  };
  const keeper = createKeeper({
    engine: { ...engine, start },
    clock,
    wantedRunning: () => scene.wanted,
    recreate: async (_, signal) => {
      await engine.create(SPEC, signal);
      await engine.start(SPEC.name, signal);
    },
    onVerdict: (_, { kind }) => scene.said.push(kind),
    wait: async (ms, signal) => {
      signal.throwIfAborted();
      if (ms === SETTLED && !settle) {
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }));
      }
      scene.waits.push(ms);
      now += ms;
      await turn();
    },
  });
  const running = keeper.run(until.signal);
  t.after(async () => {
    until.abort();
    await running;
  });
  await turn();
  await engine.create(SPEC, SIGNAL);
  await engine.start(SPEC.name, SIGNAL);
  const state = async (): Promise<string | undefined> => (await engine.inspect(SPEC.name, SIGNAL))?.state.kind;
  return Object.assign(scene, { engine, keeper, state });
}

const runs = (scene: Scene, verdict: KeeperVerdict['kind'] = 'running'): Promise<true> =>
  poll(async () => ((await scene.state()) === 'running' && scene.keeper.verdict('web').kind === verdict ? (true as const) : undefined), {
    signal: SIGNAL,
    everyMs: 2,
    timeoutMs: 30_000,
    what: 'it runs',
  });

test('createKeeper: starts again what was killed, and what was stopped by hand', async (t) => {
  const scene = await open(t, () => ({}));
  assert.deepEqual(scene.keeper.verdict('web'), { kind: 'running', lastExit: undefined });
  await scene.engine.kill('web', 'SIGKILL', SIGNAL);
  await runs(scene);
  assert.deepEqual(scene.said, ['restarting', 'running']);
  assert.equal(scene.keeper.verdict('web').lastExit?.reason, 'killed');
  await scene.engine.stop('web', { graceMs: 1, signal: SIGNAL });
  await runs(scene);
  assert.equal(scene.keeper.verdict('web').lastExit?.reason, 'done');
});

test('createKeeper: makes again what was removed by hand', async (t) => {
  const scene = await open(t, () => ({}));
  await scene.engine.remove('web', SIGNAL);
  await runs(scene);
  assert.equal(scene.keeper.verdict('web').kind, 'running');
});

test('createKeeper: leaves alone what nobody wants', async (t) => {
  const scene = await open(t, () => ({}));
  scene.wanted = false;
  await scene.engine.kill('web', 'SIGKILL', SIGNAL);
  await turn();
  await turn();
  assert.equal(await scene.state(), 'exited');
  assert.deepEqual(scene.said, []);
});

test('createKeeper: says crash-loop after five ends in a minute, then retries seldom', async (t) => {
  const scene = await open(t, () => ({ ends: { afterMs: 1, exitCode: 3 } }));
  await poll(() => (scene.waits.length >= 6 ? true : undefined), { signal: SIGNAL, everyMs: 2, timeoutMs: 30_000, what: 'retries' });
  assert.deepEqual(scene.waits.slice(0, 6), [250, 500, 1000, 2000, 30_000, 60_000]);
  assert.equal(scene.keeper.verdict('web').kind, 'crash-loop');
  assert.equal(scene.keeper.verdict('web').lastExit?.exitCode, 3);
});

test('createKeeper: forgives after a good life', async (t) => {
  const scene = await open(t, () => ({}), true);
  for (let times = 0; times < 7; times += 1) {
    await scene.engine.kill('web', 'SIGKILL', SIGNAL);
    await runs(scene);
    await turn();
    await turn();
  }
  assert.ok(!scene.said.includes('crash-loop'), scene.said.join());
});

test('createKeeper: a start for which no engine is there is no end: it is tried each second, and is no crash loop', async (t) => {
  const scene = await open(t, () => ({}));
  scene.absent = true;
  await scene.engine.kill('web', 'SIGKILL', SIGNAL);
  await poll(() => (scene.waits.length >= 20 ? true : undefined), { signal: SIGNAL, everyMs: 2, timeoutMs: 30_000, what: 'many tries' });
  assert.deepEqual([scene.keeper.verdict('web').kind, new Set(scene.waits)], ['restarting', new Set([250, 0, 1000])]);
  scene.absent = false;
  await runs(scene);
  assert.deepEqual(scene.said, ['restarting', 'running']);
});

test('createKeeper: a start that fails counts as an end', async (t) => {
  let fails = false;
  const scene = await open(t, () => (fails ? { startFails: 'the disk is full' } : {}));
  fails = true;
  await scene.engine.kill('web', 'SIGKILL', SIGNAL);
  await poll(() => (scene.keeper.verdict('web').kind === 'crash-loop' ? true : undefined), {
    signal: SIGNAL,
    everyMs: 2,
    timeoutMs: 30_000,
    what: 'the verdict',
  });
  fails = false;
  await runs(scene, 'crash-loop'); // forgiven after a good life
});
