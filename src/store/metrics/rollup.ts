/** Keeps house in metrics.db: hours from minutes, days from hours, deletes what is past its time, carries the log over. Each part may be cut short and done again. */

import type { DatabaseSync } from 'node:sqlite';

import { transact } from '../transaction.ts';
import { addHistograms, histogramBucket, packHistogram, unpackHistogram } from './histogram.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, readMeta, writeMeta } from './schema.ts';
import { ALL_OF } from './write.ts';

/** Minutes and hours are kept so long. */
export const MINUTES_KEPT_MS = 14 * DAY_MS;
export const HOURS_KEPT_MS = 400 * DAY_MS;
/** An hour is over when its last minute has been written for sure. */
const GRACE_MS = 2 * MINUTE_MS;
/** At most so many hours of minutes are deleted at once: a clock that is far ahead for a while must not cost the history. */
const HOURS_DELETED = 6;
/** Free pages that stay in the file: they are used again. */
const FREE_PAGES = 2000;
const VACUUM_PAGES = 500;

interface Sums {
  readonly up: number;
  readonly down: number;
  readonly late: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

export function keepHouse(db: DatabaseSync, now: number): void {
  rollHours(db, Math.floor((now - GRACE_MS) / HOUR_MS));
  rollDays(db, Math.floor((now - GRACE_MS) / DAY_MS));
  deleteOld(db, now);
  vacuum(db);
  db.exec('PRAGMA wal_checkpoint(PASSIVE)'); // the slow part, while others may write
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  // the first row after that begins the log anew, with a flush: better here than in the daemon
  writeMeta(db, 'kept', now);
}

/** Every hour before `end` that has minutes and is not rolled up, an hour a transaction. */
function rollHours(db: DatabaseSync, end: number): void {
  for (let hour = nextHour(db, readMeta(db, 'hours')); hour !== undefined && hour < end; hour = nextHour(db, hour + 1)) {
    const at = hour;
    transact(db, () => {
      // minutes may have come since it was looked at: a clock went back
      if (readMeta(db, 'hours') > at) return;
      hourOfProbes(db, at);
      sumTraffic(db, { from: 'minute', to: 'hour', ts: at, low: at * 60, high: at * 60 + 60 });
      hourOfMachine(db, at);
      writeMeta(db, 'hours', at + 1);
    });
  }
  transact(db, () => {
    const hours = readMeta(db, 'hours');
    if ((nextHour(db, hours) ?? end) >= end) writeMeta(db, 'hours', Math.max(end, hours));
  });
}

function rollDays(db: DatabaseSync, end: number): void {
  const limit = Math.min(end, Math.floor(readMeta(db, 'hours') / 24));
  for (let day = nextDay(db, readMeta(db, 'days')); day !== undefined && day < limit; day = nextDay(db, day + 1)) {
    const at = day;
    transact(db, () => {
      if (readMeta(db, 'days') > at || readMeta(db, 'hours') < (at + 1) * 24) return;
      dayOfProbes(db, at);
      sumTraffic(db, { from: 'hour', to: 'day', ts: at, low: at * 24, high: at * 24 + 24 });
      writeMeta(db, 'days', at + 1);
    });
  }
  transact(db, () => {
    const days = readMeta(db, 'days');
    if ((nextDay(db, days) ?? limit) >= limit) writeMeta(db, 'days', Math.max(limit, days));
  });
}

function hourOfProbes(db: DatabaseSync, hour: number): void {
  const low = hour * 60;
  const sums = new Map<number, { sums: Sums; histogram: number[] }>();
  for (const row of db.prepare('SELECT * FROM probe_minute WHERE ts >= ? AND ts < ?').iterate(low, low + 60)) {
    const minute = sumsOf(row);
    const target = Number(row['target']);
    const old = sums.get(target);
    const histogram = old?.histogram ?? [];
    for (const ms of likelyTimes(minute)) {
      const bucket = histogramBucket(ms);
      histogram[bucket] = (histogram[bucket] ?? 0) + 1;
    }
    sums.set(target, { sums: old === undefined ? minute : addSums(old.sums, minute), histogram });
  }
  writeProbes(db, { table: 'probe_hour', ts: hour, sums });
  const seen = db.prepare('UPDATE target SET last_day = ? WHERE id = ? AND last_day < ?');
  const day = Math.floor(hour / 24);
  for (const target of sums.keys()) seen.run(day, target, day);
}

function dayOfProbes(db: DatabaseSync, day: number): void {
  const low = day * 24;
  const sums = new Map<number, { sums: Sums; histogram: number[] }>();
  for (const row of db.prepare('SELECT * FROM probe_hour WHERE ts >= ? AND ts < ?').iterate(low, low + 24)) {
    const hour = sumsOf(row);
    const target = Number(row['target']);
    const old = sums.get(target);
    const histogram = unpackHistogram(blobOf(row['hist']));
    sums.set(target, {
      sums: old === undefined ? hour : addSums(old.sums, hour),
      histogram: old === undefined ? histogram : addHistograms(old.histogram, histogram),
    });
  }
  writeProbes(db, { table: 'probe_day', ts: day, sums });
  writeProbes(db, { table: 'probe_day', ts: day, sums: sumsOfServices(db, day, sums) });
}

type SumsByTarget = ReadonlyMap<number, { readonly sums: Sums; readonly histogram: readonly number[] }>;

/** Each service's checks, whatever the replica: a year has thousands of replicas, and a chart of it three lines. */
function sumsOfServices(db: DatabaseSync, day: number, sums: SumsByTarget): SumsByTarget {
  const find = db.prepare('SELECT environment, service, check_name FROM target WHERE id = ?');
  const put = db.prepare(
    `INSERT INTO target (environment, service, release, replica, check_name, first_day, last_day) VALUES (?, ?, '', '', ?, ?, ?)
     ON CONFLICT DO UPDATE SET first_day = min(first_day, excluded.first_day), last_day = max(last_day, excluded.last_day) RETURNING id`,
  );
  const ids = new Map<string, number>();
  const all = new Map<number, { readonly sums: Sums; readonly histogram: readonly number[] }>();
  for (const [target, each] of sums) {
    const row = find.get(target);
    if (row === undefined) continue;
    const [environment, service, check] = [String(row['environment']), String(row['service']), `${ALL_OF}${String(row['check_name'])}`];
    const name = `${environment}\0${service}\0${check}`;
    let id = ids.get(name);
    if (id === undefined) ids.set(name, (id = Number(put.get(environment, service, check, day, day)?.['id'])));
    const old = all.get(id);
    all.set(id, old === undefined ? each : { sums: addSums(old.sums, each.sums), histogram: addHistograms(old.histogram, each.histogram) });
  }
  return all;
}

interface ProbeSums {
  readonly table: 'probe_hour' | 'probe_day';
  readonly ts: number;
  readonly sums: SumsByTarget;
}

function writeProbes(db: DatabaseSync, { table, ts, sums }: ProbeSums): void {
  const insert = db.prepare(
    `INSERT OR REPLACE INTO ${table} (ts, target, up, down, late, sum, min, max, hist) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const [target, { sums: each, histogram }] of [...sums].sort(([a], [b]) => a - b)) {
    const counts = Array.from(histogram, (count) => count ?? 0);
    insert.run(ts, target, each.up, each.down, each.late, each.sum, each.min, each.max, packHistogram(counts));
  }
}

interface TrafficSums {
  readonly from: 'minute' | 'hour';
  readonly to: 'hour' | 'day';
  readonly ts: number;
  readonly low: number;
  readonly high: number;
}

function sumTraffic(db: DatabaseSync, { from, to, ts, low, high }: TrafficSums): void {
  const sums = new Map<number, { requests: number; errors: number; lost: number; histogram: readonly number[] }>();
  for (const row of db.prepare(`SELECT * FROM traffic_${from} WHERE ts >= ? AND ts < ?`).iterate(low, high)) {
    const target = Number(row['target']);
    const old = sums.get(target);
    sums.set(target, {
      requests: Number(row['requests']) + (old?.requests ?? 0),
      errors: Number(row['errors']) + (old?.errors ?? 0),
      lost: Number(row['lost']) + (old?.lost ?? 0),
      histogram: addHistograms(old?.histogram ?? [], unpackHistogram(blobOf(row['hist']))),
    });
  }
  const insert = db.prepare(`INSERT OR REPLACE INTO traffic_${to} (ts, target, requests, errors, lost, hist) VALUES (?, ?, ?, ?, ?, ?)`);
  const seen = db.prepare('UPDATE target SET last_day = ? WHERE id = ? AND last_day < ?');
  const day = to === 'day' ? ts : Math.floor(ts / 24);
  for (const [target, { requests, errors, lost, histogram }] of sums) {
    insert.run(ts, target, requests, errors, lost, packHistogram(histogram));
    seen.run(day, target, day);
  }
}

function hourOfMachine(db: DatabaseSync, hour: number): void {
  db.prepare(
    `INSERT OR REPLACE INTO machine_hour (ts, n, cpu, memory, disk_free, temperature, written)
     SELECT CAST(? AS INTEGER), count(*), avg(cpu), CAST(avg(memory) AS INTEGER), min(disk_free), max(temperature), sum(written)
     FROM machine_minute WHERE ts >= ? AND ts < ? HAVING count(*) > 0`,
  ).run(hour, hour * 60, hour * 60 + 60);
}

/** The first hour from `hour` on that has minutes. */
function nextHour(db: DatabaseSync, hour: number): number | undefined {
  const ts = next(db, ['probe_minute', 'traffic_minute', 'machine_minute'], hour * 60);
  return ts === undefined ? undefined : Math.floor(ts / 60);
}

function nextDay(db: DatabaseSync, day: number): number | undefined {
  const ts = next(db, ['probe_hour', 'traffic_hour'], day * 24);
  return ts === undefined ? undefined : Math.floor(ts / 24);
}

function next(db: DatabaseSync, tables: readonly string[], from: number): number | undefined {
  const first = tables.flatMap((table) => {
    const ts = db.prepare(`SELECT min(ts) AS ts FROM ${table} WHERE ts >= ?`).get(from)?.['ts'];
    return typeof ts === 'number' ? [ts] : [];
  });
  return first.length === 0 ? undefined : Math.min(...first);
}

function deleteOld(db: DatabaseSync, now: number): void {
  // what is not rolled up is never deleted
  const wanted = Math.min(Math.floor((now - MINUTES_KEPT_MS) / HOUR_MS), readMeta(db, 'hours'));
  for (let done = 0; done < HOURS_DELETED; done++) {
    const oldest = nextHour(db, 0);
    if (oldest === undefined || oldest >= wanted) break;
    transact(db, () => {
      for (const table of ['probe_minute', 'traffic_minute', 'machine_minute'])
        db.prepare(`DELETE FROM ${table} WHERE ts < ?`).run((oldest + 1) * 60);
      writeMeta(db, 'floor', oldest + 1);
    });
  }
  const hours = Math.min(Math.floor((now - HOURS_KEPT_MS) / HOUR_MS), readMeta(db, 'days') * 24);
  for (const table of ['probe_hour', 'traffic_hour', 'machine_hour']) {
    const oldest = next(db, [table], 0);
    if (oldest !== undefined && oldest < hours)
      db.prepare(`DELETE FROM ${table} WHERE ts < ?`).run(Math.min(hours, oldest + HOURS_DELETED));
  }
}

/** Moving pages is writing: only what is free beyond what comes back into use. */
function vacuum(db: DatabaseSync): void {
  const free = Number(db.prepare('PRAGMA freelist_count').get()?.['freelist_count'] ?? 0);
  if (free > FREE_PAGES) db.exec(`PRAGMA incremental_vacuum(${Math.min(VACUUM_PAGES, free - FREE_PAGES)})`);
}

/** The times of a minute's good probes: exact for up to three, then the rest as their mean. Pure. */
export function likelyTimes({ up, sum, min, max }: Pick<Sums, 'up' | 'sum' | 'min' | 'max'>): readonly number[] {
  if (up === 0) return [];
  if (up === 1) return [sum / 10];
  const rest = up - 2;
  const mean = rest === 0 ? 0 : (sum - min - max) / rest;
  return [min, ...Array.from({ length: rest }, () => mean), max].map((tenths) => tenths / 10);
}

function addSums(a: Sums, b: Sums): Sums {
  return {
    up: a.up + b.up,
    down: a.down + b.down,
    late: a.late + b.late,
    sum: a.sum + b.sum,
    min: a.up === 0 ? b.min : b.up === 0 ? a.min : Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

function sumsOf(row: Readonly<Record<string, unknown>>): Sums {
  const number = (name: string): number => Number(row[name]);
  return { up: number('up'), down: number('down'), late: number('late'), sum: number('sum'), min: number('min'), max: number('max') };
}

function blobOf(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}
