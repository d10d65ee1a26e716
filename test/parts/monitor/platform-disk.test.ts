/** platform.db on a disk that is full, and on one that cannot be written: what is watched is watched on, a deploy says why it cannot be, and all goes on by itself. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createWatch } from '../../../src/daemon/watch.ts';
import type { Engine } from '../../../src/engines/types.ts';
import { toAntlerError, type AntlerError } from '../../../src/kit/errors.ts';
import { poll } from '../../../src/kit/wait.ts';
import { app, environment, service } from '../../../src/releases/fixtures.ts';
import { createWorld, type World } from '../../../src/releases/world.ts';
import type { Serving } from '../../../src/releases/types.ts';
import { openPlatform, type Platform } from '../../../src/store/store.ts';
import { loopDisk, smallDisk } from '../store/disk.ts';
import { backend } from './fixture.ts';

const SPEC = app([service('web', { expose: true })], [environment('dev')]);
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;
const signal = AbortSignal.timeout(60_000);

interface Place {
  readonly world: World;
  readonly store: Platform;
  /** As the daemon's end does. */
  readonly close: () => void;
  /** What the monitor says of the service. */
  verdict(): Promise<string | undefined>;
  /** Verdicts that it had. */
  readonly turned: readonly string[];
  /** What came of a deploy of the newest release. */
  deploy(during?: () => Promise<void>): Promise<AntlerError | undefined>;
}

/** r1 serves and r2 is there to be deployed; engine and edge are in memory, the store is on the disk, and one real server answers for the service. */
async function serving(t: TestContext, folder: string): Promise<Place> {
  const web = await backend(t, (_request, response) => response.end());
  const store = openPlatform(join(folder, 'platform.db'));
  let during = async (): Promise<void> => undefined;
  const wrap = (engine: Engine): Engine => ({
    ...engine,
    async start(name, starting) {
      await during();
      await engine.start(name, starting);
    },
  });
  const world = await createWorld({ spec: SPEC, store, wrap });
  let open = true;
  const stop = new AbortController();
  const close = (): void => {
    world.kill();
    stop.abort();
    if (open) store[Symbol.dispose]();
    open = false;
  };
  t.after(close);
  world.release(SPEC, { web: 'a' });
  await world.move(DEPLOY);
  world.release(SPEC, { web: 'b' });
  const turned: string[] = [];
  const { board } = createWatch({
    store,
    releases: { ...world.releases, serving: local(() => world.releases.serving(), web.port) },
    engine: world.engine,
    edge: world.edge,
    keeper: { run: async () => undefined, verdict: () => ({ kind: 'running', lastExit: undefined }) },
    registryAlive: async () => true,
    clock: { now: () => Date.now() },
    onTransition: ({ service: name, to }) => void (name === 'web' ? turned.push(to) : undefined),
    signal: stop.signal,
  });
  return {
    world,
    store,
    close,
    turned,
    verdict: async () => (await board.now(signal)).environments[0]?.services[0]?.verdict,
    async deploy(meanwhile = async () => undefined) {
      during = meanwhile;
      return world.move(DEPLOY).then(() => undefined, toAntlerError);
    },
  };
}

/** What serves is at addresses of an instance: here it is on loopback. The same object as long as nothing has changed. */
function local(serving_: () => Serving, port: number): () => Serving {
  let known: { readonly from: Serving; readonly to: Serving } | undefined;
  return () => {
    const from = serving_();
    const at = { address: '127.0.0.1', port };
    const services = from.services.map((each) => ({
      ...each,
      edge: each.edge === undefined ? undefined : { ...each.edge, ...at },
      replicas: each.replicas.map((replica) => ({ ...replica, ...at })),
    }));
    if (known?.from !== from) known = { from, to: { ...from, services } };
    return known.to;
  };
}

/** Looked at so often it is up, or where the rollout is not over deploying; never down. */
async function looks(place: Place, times: number): Promise<void> {
  for (let time = 0; time < times; time++) assert.match((await place.verdict()) ?? '', /^(up|deploying)$/);
}

test('platform.db on a full disk: the service stays up, a deploy says what to do and leaves what serves; with room again it goes on', async (t) => {
  const disk = await smallDisk(t, 2);
  const place = await serving(t, disk.folder);
  await looks(place, 2);
  await disk.fill();
  const failed = await place.deploy();
  assert.equal(failed?.code, 'store/failed');
  assert.match(`${failed.message}; ${failed.hint}`, /platform\.db as the disk is full.*; Make room on its disk/);
  await looks(place, 4);
  assert.deepEqual(await place.world.serving('dev'), ['web r1']);
  await disk.empty();
  assert.equal(await place.deploy(), undefined);
  assert.deepEqual(await place.world.serving('dev'), ['web r2']);
  await looks(place, 2);
  assert.ok(!place.turned.includes('down'), place.turned.join());
});

test('platform.db whose disk gets full while a rollout is at work: it says so, and what served serves; with room again the next one goes through', async (t) => {
  const disk = await smallDisk(t, 2);
  const place = await serving(t, disk.folder);
  await looks(place, 2);
  const failed = await place.deploy(async () => disk.fill());
  assert.equal(failed?.code, 'releases/unfinished');
  assert.match(`${failed.message}; ${failed.hint}`, /cannot go back as .* the disk is full.*; Make room on its disk/);
  await looks(place, 4);
  assert.deepEqual(await place.world.serving('dev'), ['web r1']);
  await disk.empty();
  const { rollouts } = place.store;
  await poll(() => (rollouts.open().length === 0 ? true : undefined), {
    signal,
    timeoutMs: 10_000,
    what: 'the end of the rollout to be recorded',
  });
  assert.deepEqual(await place.world.running(), ['dev web r1'], 'what it had started is gone');
  const { verdict, reason } = place.world.releases.receipt('r2', 'dev');
  assert.deepEqual([verdict, reason?.includes('the disk is full')], ['undone', true]);
  assert.equal(await place.deploy(), undefined);
  assert.deepEqual([await place.world.serving('dev'), await place.world.running()], [['web r2'], ['dev web r2']]);
  await looks(place, 2);
  assert.ok(!place.turned.includes('down'), place.turned.join());
});

test('platform.db on a disk that lets nobody write any more: the service stays up, a deploy says what to do; the next daemon finds all of it', async (t) => {
  const disk = await loopDisk(t);
  if (disk === undefined) return t.skip('no loop device here');
  const place = await serving(t, disk.folder);
  await looks(place, 2);
  await disk.breakDown();
  const failed = await place.deploy();
  assert.equal(failed?.code, 'store/failed');
  await looks(place, 4);
  assert.deepEqual(await place.world.serving('dev'), ['web r1']);
  assert.ok(!place.turned.includes('down'), place.turned.join());
  assert.throws(() => openPlatform(join(disk.folder, 'platform.db')), { code: 'store/failed' });
  place.close();
  await disk.repair();
  using next = openPlatform(join(disk.folder, 'platform.db'));
  assert.deepEqual(
    next.releases.list().map(({ number }) => number),
    [2, 1],
  );
});
