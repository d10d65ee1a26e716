/** Writes rows into metrics.db: whole minutes, transitions, incidents. Synchronous; who calls has asked the disk before. */

import type { DatabaseSync } from 'node:sqlite';

import { transact } from '../transaction.ts';
import { addHistograms, packHistogram, unpackHistogram } from './histogram.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, readMeta, writeMeta } from './schema.ts';
import type { ClosedMinute, IncidentEntryRow, IncidentRow, MachineMinuteRow, TargetKeyRow, TransitionRow } from './types.ts';

/** The check under which a release's traffic is kept. */
export const TRAFFIC_CHECK = 'traffic';
/** A target of this check is no target but all of a service's that have the check after it, in one: made of days only. */
export const ALL_OF = '=';
/** Ids of targets that are kept in memory. */
const KNOWN_TARGETS = 4096;

export interface Writer {
  /** In one transaction. What is there already is added to. False where the minute is older than what is kept by the minute (a clock that is far off). */
  minute(minute: ClosedMinute): boolean;
  transition(row: TransitionRow): void;
  incident(row: IncidentRow): void;
  entry(row: IncidentEntryRow): void;
}

export function createWriter(db: DatabaseSync): Writer {
  const known = new Map<string, number>();
  const find = db.prepare('SELECT id FROM target WHERE environment = ? AND service = ? AND release = ? AND replica = ? AND check_name = ?');
  const insertTarget = db.prepare(
    'INSERT INTO target (environment, service, release, replica, check_name, first_day, last_day) VALUES (?, ?, ?, ?, ?, ?, ?)',
  );
  const insertProbe = db.prepare(
    `INSERT INTO probe_minute (ts, target, up, down, late, sum, min, max) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (ts, target) DO UPDATE SET up = up + excluded.up, down = down + excluded.down, late = late + excluded.late, sum = sum + excluded.sum,
       min = CASE WHEN up = 0 THEN excluded.min WHEN excluded.up = 0 THEN min ELSE min(min, excluded.min) END, max = max(max, excluded.max)`,
  );
  const oldHistogram = db.prepare('SELECT hist FROM traffic_minute WHERE ts = ? AND target = ?');
  const insertTraffic = db.prepare(
    `INSERT INTO traffic_minute (ts, target, requests, errors, lost, hist) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (ts, target) DO UPDATE SET requests = requests + excluded.requests, errors = errors + excluded.errors, lost = lost + excluded.lost,
       hist = excluded.hist`,
  );
  const insertMachine = db.prepare(
    `INSERT INTO machine_minute (ts, n, cpu, memory, disk_free, temperature, written) VALUES (?, 1, ?, ?, ?, ?, ?)
     ON CONFLICT (ts) DO UPDATE SET cpu = (cpu * n + excluded.cpu) / (n + 1), memory = excluded.memory, disk_free = excluded.disk_free,
       temperature = coalesce(excluded.temperature, temperature), written = written + excluded.written, n = n + 1`,
  );

  const idOf = (key: TargetKeyRow, day: number): number => {
    const parts = [key.environment, key.service, key.release, key.replica, key.check] as const;
    const name = parts.join('\0');
    let id = known.get(name);
    if (id !== undefined) return id;
    const row = find.get(...parts);
    id = row === undefined ? Number(insertTarget.run(...parts, day, day).lastInsertRowid) : Number(row['id']);
    if (known.size >= KNOWN_TARGETS) known.clear();
    known.set(name, id);
    return id;
  };

  const machine = (ts: number, row: MachineMinuteRow): void => {
    const { cpu, memoryBytes, diskFreeBytes, temperature, writtenBytes } = row;
    insertMachine.run(ts, cpu, Math.round(memoryBytes), Math.round(diskFreeBytes), temperature ?? null, Math.round(writtenBytes));
  };

  /** The hour was rolled up already (a clock that went back): it is rolled up again. */
  const reopen = (at: number): void => {
    const hour = Math.floor(at / HOUR_MS);
    const day = Math.floor(at / DAY_MS);
    if (readMeta(db, 'hours') > hour) writeMeta(db, 'hours', hour);
    if (readMeta(db, 'days') > day) writeMeta(db, 'days', day);
  };

  const writeMinute = ({ at, probes, traffic, machine: seen }: ClosedMinute): void => {
    const ts = Math.floor(at / MINUTE_MS);
    const day = Math.floor(at / DAY_MS);
    for (const row of probes) {
      const { up, down, late, sumMs, minMs, maxMs } = row;
      insertProbe.run(ts, idOf(row, day), up, down, late, tenths(sumMs), tenths(minMs), tenths(maxMs));
    }
    for (const row of traffic) {
      const id = idOf({ ...row, replica: '', check: TRAFFIC_CHECK }, day);
      const old = oldHistogram.get(ts, id)?.['hist'];
      const histogram = old instanceof Uint8Array ? addHistograms(unpackHistogram(old), row.histogram) : row.histogram;
      insertTraffic.run(ts, id, row.requests, row.errors, row.lost, packHistogram(histogram));
    }
    if (seen !== undefined) machine(ts, seen);
    reopen(at);
  };

  return {
    minute(minute) {
      if (Math.floor(minute.at / HOUR_MS) < readMeta(db, 'floor')) return false;
      try {
        transact(db, () => writeMinute(minute));
        return true;
      } catch (error) {
        known.clear(); // ids of targets that were rolled back
        throw error;
      }
    },
    transition(row) {
      const { at, environment, service, release, from, to, reason, evidence } = row;
      db.prepare(
        'INSERT INTO transition (at, environment, service, release, was, became, reason, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      ).run(at, environment, service, release, from, to, reason, evidence);
    },
    incident(row) {
      db.prepare(
        `INSERT OR REPLACE INTO incident
           (id, cause, title, severity, environment, subjects, release, opened_at, closed_at, acknowledged_by, acknowledged_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        row.id,
        row.cause,
        row.title,
        row.severity,
        row.environment,
        JSON.stringify(row.subjects),
        row.release,
        row.openedAt,
        row.closedAt ?? null,
        row.acknowledgedBy ?? null,
        row.acknowledgedAt ?? null,
      );
    },
    entry(row) {
      db.prepare('INSERT INTO incident_entry (incident, at, kind, text, actor) VALUES (?, ?, ?, ?, ?)').run(
        row.incident,
        row.at,
        row.kind,
        row.text,
        row.actor,
      );
    },
  };
}

function tenths(ms: number): number {
  return Math.round(ms * 10);
}
