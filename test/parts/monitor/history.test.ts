/** The monitor over a history that cannot be written, on real disks: looks, verdicts and what people are told do not depend on it. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { createPast } from '../../../src/daemon/past.ts';
import { poll } from '../../../src/kit/wait.ts';
import type { Transition } from '../../../src/monitor/types.ts';
import { openMetrics, openPlatform } from '../../../src/store/store.ts';
import { smallDisk, type SmallDisk } from '../store/disk.ts';
import { backend, scene, wanted } from './fixture.ts';

const MINUTE = 60_000;
const WEB = { environment: 'prod', service: 'web' };
const OUTAGE = ['unknown up', 'up down', 'down up'];
const { signal } = new AbortController();

async function until(what: string, look: () => boolean | Promise<boolean>): Promise<void> {
  await poll(async () => ((await look()) ? true : undefined), { what, signal, everyMs: 20, timeoutMs: 20_000 });
}

/** The service, the monitor and the history as the daemon wires them; a minute is over when the test says so. */
async function watched(t: TestContext, { folder }: SmallDisk) {
  const web = await backend(t);
  // So close to its end that who waits for the next minute waits half a second.
  let now = Math.floor(Date.now() / MINUTE) * MINUTE - 50;
  const began = now;
  const clock = { now: () => now };
  const metrics = await openMetrics(join(folder, 'metrics.db'), { keepHouse: false, reserveBytes: 256 * 1024, retryMs: 50, clock });
  const store = openPlatform(':memory:');
  const past = createPast({ store, metrics, clock, home: folder, version: '0', loopLagMs: () => 0, log: () => undefined });
  const stop = new AbortController();
  const running = past.run(stop.signal);
  const transitions: Transition[] = [];
  const { monitor, look, verdict } = scene(t, wanted(web), {
    ...past,
    clock,
    onTransition(transition) {
      transitions.push(transition);
      past.onTransition(transition);
    },
  });
  return {
    look,
    verdict,
    metrics,
    /** Killed and back: what came of it for the service. */
    async outage() {
      await web.kill();
      await look(3);
      assert.equal(verdict(), 'down: through the edge: refused');
      await web.revive();
      await look(2);
      assert.equal(verdict(), 'up');
    },
    notices: () => monitor.board().notices,
    changes: () => transitions.filter(({ service }) => service === 'web').map(({ from, to }) => `${from} ${to}`),
    kept: async () => (await metrics.transitions({ ...WEB, from: 0, to: began + 24 * 60 * MINUTE })).map(({ from, to }) => `${from} ${to}`),
    minutes: async () => {
      const rows = await metrics.probes({ ...WEB, from: began - MINUTE, to: now + MINUTE, stepMs: MINUTE });
      return new Set(rows.map(({ at }) => at)).size;
    },
    endMinute: () => void (now += MINUTE),
    /** Before its disk goes. */
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
      await metrics[Symbol.asyncDispose]();
      store[Symbol.dispose]();
    },
  };
}

/** While nothing can be written: minutes are let go, and all else is as ever. */
async function goesOn(it: Awaited<ReturnType<typeof watched>>, why: string): Promise<void> {
  for (let minute = 0; minute < 3; minute += 1) {
    await it.look();
    it.endMinute();
    await until('a minute to be let go', () => it.metrics.state().droppedMinutes > minute);
  }
  assert.deepEqual(it.notices(), [
    `History is not written as ${why}: 3 minutes were let go; changes of verdicts and incidents are kept, checks go on`,
  ]);
  assert.deepEqual(it.changes(), ['unknown up']);
  await it.outage();
  assert.deepEqual(it.changes(), OUTAGE);
}

test('monitor: a history on a full disk: looks go on, nothing turns down for it, changes are kept, the board says so, and it goes on by itself', async (t) => {
  const disk = await smallDisk(t, 4);
  await using it = await watched(t, disk);
  await it.look();
  it.endMinute();
  await until('the first minute', async () => (await it.minutes()) === 1);
  assert.deepEqual(it.notices(), []);
  await disk.fill();
  await goesOn(it, 'the disk is full');
  await until('the changes to be written all the same', async () => (await it.kept()).length === OUTAGE.length);
  assert.equal(it.metrics.state().kind, 'full');

  await disk.empty();
  await it.look();
  it.endMinute();
  await until('a minute to be written again', async () => (await it.minutes()) === 2);
  assert.deepEqual([it.notices(), await it.kept()], [[], OUTAGE]);
});

test('monitor: a history on a read-only disk: looks go on, nothing turns down for it, changes wait, the board says so, and it goes on by itself', async (t) => {
  const disk = await smallDisk(t, 4);
  await (await openMetrics(join(disk.folder, 'metrics.db'), { keepHouse: false, reserveBytes: 256 * 1024 }))[Symbol.asyncDispose]();
  await disk.writable(false);
  await using it = await watched(t, disk);
  await goesOn(it, 'its database is read-only');

  await disk.writable(true);
  await until('the changes to be written', async () => (await it.kept()).length === OUTAGE.length);
  await it.look();
  it.endMinute();
  await until('a minute to be written again', async () => (await it.minutes()) === 1);
  assert.deepEqual([it.notices(), await it.kept()], [[], OUTAGE]);
});
