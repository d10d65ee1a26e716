import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import type { Traffic } from '../edge/types.ts';
import { openMetrics } from '../store/store.ts';
import type { MachineMinuteRow, Metrics } from '../store/types.ts';
import { createRecorder, type Recorder } from './recorder.ts';
import type { Outcome, Sample, Target } from './types.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const web = { environment: 'prod', service: 'web' };

const target = (check: string, replica = ''): Target => ({
  key: `prod/web/r2/${replica}/${check}`,
  id: { ...web, release: 'r2', replica, check },
  probe: { kind: 'container', name: 'c' },
  intervalMs: 20_000,
  timeoutMs: 2000,
  lateMs: 1000,
});
const look = (at: number, outcome: Outcome, ms = 10): Sample => ({ target: target('edge'), at, outcome, ms, detail: '' });
const direct = (at: number, ms: number): Sample => ({ ...look(at, 'good', ms), target: target('direct') });
const requests = (release: string, served: number, more: Partial<Traffic> = {}): Traffic => ({
  ...web,
  release,
  served,
  errors: 0,
  lost: 0,
  aborted: 0,
  unseen: 0,
  latency: [0, 0, served],
  ...more,
});

interface Place {
  readonly metrics: Metrics;
  readonly recorder: Recorder;
  readonly again: () => Recorder;
  now: number;
}

async function place(t: TestContext, machine?: () => Promise<MachineMinuteRow | undefined>): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-recorder-'));
  const clock = { now: () => here.now };
  const metrics = await openMetrics(join(folder, 'metrics.db'), { keepHouse: false, reserveBytes: 0, clock });
  t.after(async () => {
    await metrics[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const make = (): Recorder => createRecorder({ metrics, clock, ...(machine === undefined ? {} : { machine }) });
  const here: Place = { metrics, now: NOON, again: make, recorder: undefined as never };
  return Object.assign(here, { recorder: make() });
}

test('recorder: a minute goes to the history when it is over, with counts by outcome, and own faults count for nothing', async (t) => {
  const here = await place(t);
  for (const [index, outcome] of (['good', 'late', 'bad', 'own'] as const).entries())
    here.recorder.sample(look(NOON + index, outcome, 10 + index));
  here.recorder.traffic([requests('r1', 5), requests('r2', 10, { errors: 2, lost: 1 })]);
  const hour = { ...web, from: NOON, to: NOON + HOUR, stepMs: MINUTE };
  here.now = NOON + 59_000;
  await here.recorder.tick();
  assert.deepEqual(await here.metrics.probes(hour), [], 'not before it is over');
  here.now = NOON + MINUTE;
  await here.recorder.tick();
  const [probe] = await here.metrics.probes(hour);
  assert.deepEqual(probe, { ...target('edge').id, at: NOON, up: 2, down: 1, late: 1, sumMs: 21, maxMs: 11 });
  const traffic = await here.metrics.traffic(hour);
  assert.deepEqual(
    traffic.map((row) => [row.release, row.requests, row.errors, row.lost]),
    [
      ['r1', 5, 0, 0],
      ['r2', 11, 2, 1],
    ],
  );
});

test('recorder: the board has a spark of the checks through the edge, and the last five minutes by release', async (t) => {
  const here = await place(t);
  here.recorder.sample(look(NOON, 'good', 10));
  here.recorder.sample(look(NOON, 'bad', 2000));
  here.recorder.sample(direct(NOON, 500));
  here.now = NOON + MINUTE;
  here.recorder.sample(look(here.now, 'bad', 2000));
  let lately = here.recorder.lately(web);
  assert.deepEqual(lately.latencyMs, { p50: 10, p95: 10, of: 'probes' });
  assert.equal(lately.requestsPerSecond, null);
  assert.equal(lately.errorRatio, null);
  here.recorder.traffic([requests('r1', 300), requests('r2', 60, { errors: 9 })]);
  here.now = NOON + 2 * MINUTE;
  lately = here.recorder.lately(web);
  assert.equal(lately.spark.length, 60);
  assert.deepEqual(lately.spark.slice(-3), [null, 10, null], 'null where none was good');
  assert.equal(lately.requestsPerSecond, 1.2);
  assert.equal(lately.errorRatio, 9 / 360);
  assert.equal(lately.latencyMs?.of, 'traffic');
  assert.deepEqual(
    lately.versions.map(({ release, requestsPerSecond, errorRatio }) => [release, requestsPerSecond, errorRatio]),
    [
      ['r1', 1, 0],
      ['r2', 0.2, 0.15],
    ],
    'and by release, never summed up',
  );
  here.now = NOON + 10 * MINUTE;
  assert.equal(here.recorder.lately(web).requestsPerSecond, null, 'five minutes, no more');
  here.now = NOON + 2 * HOUR;
  await here.recorder.tick();
  assert.ok(here.recorder.lately(web).spark.every((each) => each === null));
});

test('recorder: a daemon that starts again has the last hour back, and the share of good checks', async (t) => {
  const here = await place(t);
  for (let minute = 0; minute < 10; minute++) {
    here.now = NOON + minute * MINUTE;
    here.recorder.sample(look(here.now, minute < 8 ? 'good' : 'bad', 10 + minute));
    here.recorder.traffic([requests('r2', 6)]);
    await here.recorder.tick();
  }
  await here.recorder.run(AbortSignal.abort());
  here.now = NOON + 10 * MINUTE;
  const before = here.recorder.lately(web).spark;
  const recorder = here.again();
  await recorder.tick();
  recorder.sample(direct(here.now, 10)); // it hears of the service
  for (let turn = 0; turn < 50 && recorder.lately(web).requestsPerSecond === null; turn++)
    await new Promise((done) => setTimeout(done, 10));
  assert.deepEqual(recorder.lately(web).spark, before);
  assert.equal(recorder.lately(web).requestsPerSecond, 0.1);
  assert.deepEqual(recorder.lately(web).uptime, { day: 0.8, month: 0.8 });
});

test('recorder: a clock that jumps an hour back and forth loses no sample and tells each once', async (t) => {
  const here = await place(t);
  for (const now of [NOON, NOON + HOUR, NOON + 1000, NOON - HOUR, NOON + 2000, NOON + 2 * HOUR]) {
    here.now = now;
    here.recorder.sample(look(now, 'good'));
    await here.recorder.tick();
  }
  here.now = NOON + 3 * HOUR;
  await here.recorder.tick();
  const points = await here.metrics.probes({ ...web, from: NOON - 2 * HOUR, to: NOON + 4 * HOUR, stepMs: MINUTE });
  assert.deepEqual(
    points.map(({ at, up }) => [(at - NOON) / HOUR, up]),
    [
      [-1, 1],
      [0, 3],
      [1, 1],
      [2, 1],
    ],
  );
});

test('recorder: the machine is asked once a minute, also where nothing is watched', async (t) => {
  let asked = 0;
  const row: MachineMinuteRow = { cpu: 0.25, memoryBytes: 1, diskFreeBytes: 2, temperature: 40, writtenBytes: 3 };
  const here = await place(t, async () => (asked++ === 0 ? undefined : row));
  await here.recorder.tick();
  await here.recorder.tick();
  here.now = NOON + MINUTE;
  await here.recorder.tick();
  await here.recorder.tick();
  assert.equal(asked, 2);
  assert.deepEqual(await here.metrics.machine({ from: NOON, to: NOON + HOUR, stepMs: MINUTE }), [{ ...row, at: NOON }]);
});
