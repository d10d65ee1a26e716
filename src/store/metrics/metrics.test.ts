import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { INCIDENT, NOON, transitionAt } from './fixtures.ts';
import { openMetrics, type MetricsOptions } from './metrics.ts';
import { keepHouse } from './rollup.ts';
import { openMetricsFile } from './schema.ts';
import type { ClosedMinute, Metrics, ProbeMinuteRow } from './types.ts';

const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

const probe: ProbeMinuteRow = {
  environment: 'prod',
  service: 'web',
  release: 'r1',
  replica: '',
  check: 'edge',
  up: 3,
  down: 0,
  late: 1,
  sumMs: 12.3,
  minMs: 2.1,
  maxMs: 6.2,
};
const traffic = { environment: 'prod', service: 'web', release: 'r1', requests: 10, errors: 1, lost: 0, histogram: [4, 0, 6] };
const transition = transitionAt(NOON);
const at = (ms: number, more: Partial<ClosedMinute> = {}): ClosedMinute => ({
  at: ms,
  probes: [probe],
  traffic: [],
  machine: undefined,
  ...more,
});
const web = { environment: 'prod', service: 'web' };

interface Place {
  readonly path: string;
  /** As the process that keeps house does. */
  readonly house: (now: number) => void;
  readonly count: (sql: string) => number;
}

async function place(t: TestContext): Promise<Place> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-metrics-'));
  t.after(async () => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'metrics.db');
  const on = <T>(work: (db: DatabaseSync) => T): T => {
    const db = openMetricsFile(path, { cacheKb: 512, busyMs: 1000, checkpoint: false });
    try {
      return work(db);
    } finally {
      db.close();
    }
  };
  return { path, house: (now) => on((db) => keepHouse(db, now)), count: (sql) => on((db) => Number(db.prepare(sql).get()?.['n'])) };
}

async function opened(t: TestContext, options: MetricsOptions = {}): Promise<Place & { readonly metrics: Metrics }> {
  const where = await place(t);
  const metrics = await openMetrics(where.path, { keepHouse: false, reserveBytes: 0, clock: { now: () => NOON }, ...options });
  t.after(async () => metrics[Symbol.asyncDispose]());
  return { ...where, metrics };
}

test('minute: gives back by the minute what came in', async (t) => {
  const { metrics } = await opened(t);
  const machine = { cpu: 0.5, memoryBytes: 1e9, diskFreeBytes: 5e9, temperature: undefined, writtenBytes: 1000 };
  assert.equal(await metrics.minute(at(NOON, { traffic: [traffic], machine })), true);
  assert.equal(await metrics.minute(at(NOON + MINUTE)), true);
  const query = { ...web, from: NOON, to: NOON + HOUR, stepMs: MINUTE };
  const { minMs: _, ...point } = probe;
  assert.deepEqual(await metrics.probes(query), [
    { ...point, at: NOON },
    { ...point, at: NOON + MINUTE },
  ]);
  const { environment: _e, service: _s, ...seen } = traffic;
  assert.deepEqual(await metrics.traffic(query), [{ ...seen, at: NOON }]);
  assert.deepEqual(await metrics.machine(query), [{ ...machine, at: NOON }]);
  assert.equal(metrics.state().kind, 'ok');
  assert.ok(metrics.state().writtenBytes > 4000, 'it counts what it writes');
  assert.ok(metrics.state().bytes > 4000);
});

test('minute: one that is there already is added to, and none is lost or doubled by a clock that jumps an hour', async (t) => {
  const { metrics, house } = await opened(t, { clock: { now: () => NOON + 2 * HOUR } });
  for (let minute = 0; minute < 60; minute++) await metrics.minute(at(NOON + minute * MINUTE, { traffic: [traffic] }));
  house(NOON + 2 * HOUR); // a clock that is ahead: the hour is rolled up
  for (let minute = 0; minute < 60; minute++) await metrics.minute(at(NOON + minute * MINUTE, { traffic: [traffic] }));
  for (const stepMs of [MINUTE, HOUR, DAY]) {
    const query = { ...web, from: NOON - 12 * HOUR, to: NOON + 12 * HOUR, stepMs };
    const probes = await metrics.probes(query);
    assert.equal(sum(probes.map(({ up }) => up)), 360, `ups at ${stepMs}`);
    assert.equal(sum((await metrics.traffic(query)).flatMap(({ histogram }) => histogram)), 1200, `requests at ${stepMs}`);
  }
  house(NOON + 2 * HOUR);
  house(NOON + DAY);
  house(NOON + DAY);
  for (const stepMs of [MINUTE, HOUR, DAY]) {
    const query = { ...web, from: NOON - 12 * HOUR, to: NOON + 12 * HOUR, stepMs };
    assert.equal(sum((await metrics.probes(query)).map(({ up }) => up)), 360, `ups at ${stepMs}, rolled up`);
    assert.equal(sum((await metrics.traffic(query)).map(({ requests }) => requests)), 1200, `requests at ${stepMs}, rolled up`);
  }
  assert.deepEqual(await metrics.uptime(NOON - DAY), [{ ...web, check: 'edge', up: 360, down: 0 }]);
});

test('transition, saveIncident, addEntry: kept, found again, and incidents change by their id', async (t) => {
  const { path, metrics } = await opened(t);
  await metrics.transition(transition);
  assert.deepEqual(await metrics.transitions({ from: NOON, to: NOON + 1 }), [transition]);
  assert.deepEqual(await metrics.transitions({ from: NOON, to: NOON + 1, service: 'other' }), []);
  const id = await metrics.saveIncident(INCIDENT);
  const second = await metrics.saveIncident({ ...INCIDENT, cause: 'part engine' });
  assert.notEqual(second, id);
  const entry = { incident: id, at: NOON, kind: 'opened', text: 'web is down', actor: '' } as const;
  await metrics.addEntry(entry);
  assert.deepEqual(await metrics.incident(id), { incident: { ...INCIDENT, id }, entries: [entry] }, 'also before it is written');
  await metrics.saveIncident({ ...INCIDENT, id, closedAt: NOON + 1 });
  assert.deepEqual(
    (await metrics.incidents({ open: true, limit: 9 })).map((row) => row.id),
    [second],
  );
  assert.deepEqual(
    (await metrics.incidents({ limit: 9 })).map((row) => row.id),
    [second, id],
  );
  await metrics[Symbol.asyncDispose]();
  await using again = await openMetrics(path, { keepHouse: false, reserveBytes: 0 });
  assert.deepEqual(await again.incident(id), { incident: { ...INCIDENT, id, closedAt: NOON + 1 }, entries: [entry] });
  assert.equal(await again.saveIncident(INCIDENT), second + 1);
  assert.equal(await again.incident(99), undefined);
});

test('keepHouse: minutes go after 14 days and hours after 400, days stay; old minutes are not let in again', async (t) => {
  const { metrics, house, count } = await opened(t);
  for (let hour = 0; hour < 48; hour++) await metrics.minute(at(NOON + hour * HOUR));
  for (let day = 3; day < 17; day++) house(NOON + day * DAY);
  for (let turn = 0; turn < 9; turn++) house(NOON + 17 * DAY);
  assert.equal(count('SELECT count(*) AS n FROM probe_minute'), 0);
  assert.equal(count('SELECT count(*) AS n FROM probe_hour'), 48);
  const year = { ...web, from: NOON - DAY, to: NOON + 3 * DAY, stepMs: DAY };
  assert.equal(sum((await metrics.probes(year)).map(({ up }) => up)), 144);
  assert.equal(await metrics.minute(at(NOON)), false, 'it would stand for the whole hour');
  assert.equal(metrics.state().droppedMinutes, 1);
  for (let turn = 0; turn < 12; turn++) house(NOON + 500 * DAY);
  assert.equal(count('SELECT count(*) AS n FROM probe_hour'), 0);
  assert.equal(sum((await metrics.probes(year)).map(({ up }) => up)), 144, 'days are for ever');
});

test('keepHouse: a clock that is years ahead for a while costs hours, not the history', async (t) => {
  const { metrics, house, count } = await opened(t);
  for (let hour = 0; hour < 48; hour++) await metrics.minute(at(NOON + hour * HOUR));
  house(NOON + 3000 * DAY);
  assert.equal(count('SELECT count(*) AS n FROM probe_minute'), 42);
});

test('openMetrics: a file that is no database is moved aside and said, and a new one is written', async (t) => {
  const { path } = await place(t);
  await writeFile(path, 'this is no database '.repeat(1000));
  const lines: string[] = [];
  await using metrics = await openMetrics(path, { keepHouse: false, reserveBytes: 0, log: (line) => lines.push(line) });
  assert.equal(await metrics.minute(at(NOON)), true);
  assert.equal(metrics.state().kind, 'ok');
  assert.match(metrics.state().detail, /was broken.*metrics\.db\.broken-/);
  assert.match(lines.join('\n'), /was broken/);
  assert.ok((await readdir(join(path, '..'))).some((name) => name.startsWith('metrics.db.broken-')));
});

function sum(list: readonly number[]): number {
  return list.reduce((all, each) => all + each, 0);
}
