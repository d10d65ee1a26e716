/** Reads history from metrics.db in small steps: between two of them others have their turn on the event loop. */

import type { DatabaseSync } from 'node:sqlite';

import { integer, text, type Row } from '../rows.ts';
import { addHistograms, unpackHistogram } from './histogram.ts';
import { rolledOf, rowsOf, targetsOf, type Target, type Which } from './ask.ts';
import { DAY_MS } from './schema.ts';
import type { Steps } from './steps.ts';
import { partsOf, sumParts, UNIT_MS, type Span } from './tiers.ts';
import type { HistoryQuery, MachineMinuteRow, ProbePoint, TrafficPoint, UptimeRow } from './types.ts';
import { ALL_OF } from './write.ts';

export function* readProbes(db: DatabaseSync, query: HistoryQuery): Steps<ProbePoint[]> {
  const points = new Map<string, ProbePoint>();
  const together = query.together === true;
  const add = (row: Row, target: Target): void => {
    const at = integer(row, 'slot') * query.stepMs;
    const check = target.check.startsWith(ALL_OF) ? target.check.slice(ALL_OF.length) : target.check;
    const key = `${together ? check : target.id} ${at}`;
    const old = points.get(key);
    points.set(key, {
      environment: target.environment,
      service: target.service,
      release: together ? '' : target.release,
      replica: together ? '' : target.replica,
      check,
      at,
      up: integer(row, 'up') + (old?.up ?? 0),
      down: integer(row, 'down') + (old?.down ?? 0),
      late: integer(row, 'late') + (old?.late ?? 0),
      sumMs: integer(row, 'sum') / 10 + (old?.sumMs ?? 0),
      maxMs: Math.max(integer(row, 'max') / 10, old?.maxMs ?? 0),
    });
  };
  for (const { span, which } of spansOf(query, rolledOf(db).days * DAY_MS)) {
    const targets = yield* targetsOf(db, { ...query, ...span }, which);
    const byId = new Map(targets.map((target) => [target.id, target]));
    let count = 0;
    for (const row of yield* rowsOf(db, { kind: 'probe', targets, span, sums: SUMS })) {
      const target = byId.get(integer(row, 'target'));
      if (target !== undefined) add(row, target);
      if (++count % STEP_POINTS === 0) yield;
    }
  }
  return [...points.values()].sort((a, b) => a.at - b.at);
}

const SUMS = 'sum(m.up) AS up, sum(m.down) AS down, sum(m.late) AS late, sum(m.sum) AS sum, max(m.max) AS max';
const STEP_POINTS = 200;

/** Days that are rolled up have all of a service's replicas in one, for who wants them so. */
function spansOf(
  { from, to, stepMs, together }: HistoryQuery,
  rolledTo: number,
): readonly { readonly span: Span; readonly which: Which }[] {
  if (together !== true || stepMs < DAY_MS) return [{ span: { from, to, stepMs }, which: 'each' }];
  const end = Math.max(from, Math.min(to, rolledTo));
  return [
    { span: { from, to: end, stepMs }, which: 'all-of' },
    { span: { from: end, to, stepMs }, which: 'each' },
  ];
}

export function* readTraffic(db: DatabaseSync, query: HistoryQuery): Steps<TrafficPoint[]> {
  const points = new Map<string, TrafficPoint>();
  const targets = yield* targetsOf(db, query, 'traffic');
  const byId = new Map(targets.map((target) => [target.id, target]));
  let count = 0;
  for (const row of yield* rowsOf(db, { kind: 'traffic', targets, span: query })) {
    const release = byId.get(integer(row, 'target'))?.release;
    if (release === undefined) continue;
    const at = integer(row, 'slot') * query.stepMs;
    const key = `${release} ${at}`;
    const old = points.get(key);
    const histogram = unpackHistogram(blob(row, 'hist'));
    points.set(key, {
      at,
      release,
      requests: integer(row, 'requests') + (old?.requests ?? 0),
      errors: integer(row, 'errors') + (old?.errors ?? 0),
      lost: integer(row, 'lost') + (old?.lost ?? 0),
      histogram: old === undefined ? histogram : addHistograms(old.histogram, histogram),
    });
    if (++count % STEP_POINTS === 0) yield;
  }
  return [...points.values()].sort((a, b) => a.at - b.at);
}

export function* readMachine(db: DatabaseSync, span: Span): Steps<(MachineMinuteRow & { readonly at: number })[]> {
  const found = new Map<number, MachineMinuteRow & { readonly at: number }>();
  // there are no days of the machine
  for (const part of partsOf({ ...span, stepMs: Math.min(span.stepMs, DAY_MS - 1) }, rolledOf(db))) {
    const rows = db
      .prepare(
        `SELECT CAST(ts * ? / ? AS INTEGER) AS slot, avg(cpu) AS cpu, CAST(avg(memory) AS INTEGER) AS memory, min(disk_free) AS disk_free, max(temperature) AS temperature,
           sum(written) AS written FROM machine_${part.unit} WHERE ts >= ? AND ts < ? GROUP BY slot`,
      )
      .all(UNIT_MS[part.unit], span.stepMs, part.from, part.to);
    for (const row of rows) {
      const at = integer(row, 'slot') * span.stepMs;
      const old = found.get(at);
      found.set(at, {
        at,
        cpu: Number(row['cpu']),
        memoryBytes: integer(row, 'memory'),
        diskFreeBytes: integer(row, 'disk_free'),
        temperature: row['temperature'] === null ? undefined : Number(row['temperature']),
        writtenBytes: integer(row, 'written') + (old?.writtenBytes ?? 0),
      });
    }
    yield;
  }
  return [...found.values()].sort((a, b) => a.at - b.at);
}

export function* readUptime(db: DatabaseSync, from: number, to: number): Steps<UptimeRow[]> {
  const sums = new Map<string, UptimeRow>();
  const targets = new Map<number, UptimeRow>();
  const found = db
    .prepare('SELECT id, environment, service, check_name FROM target WHERE last_day >= ?')
    .iterate(Math.floor(from / DAY_MS) - 1);
  for (const row of found) {
    const [environment, service, check] = [text(row, 'environment'), text(row, 'service'), text(row, 'check_name')];
    targets.set(integer(row, 'id'), { environment, service, check, up: 0, down: 0 });
    if (targets.size % STEP_POINTS === 0) yield;
  }
  const add = (rows: readonly Row[]): void => {
    for (const row of rows) {
      const target = targets.get(integer(row, 'target'));
      if (target === undefined) continue;
      const check = target.check.startsWith(ALL_OF) ? target.check.slice(ALL_OF.length) : target.check;
      const key = `${target.environment}\0${target.service}\0${check}`;
      const old = sums.get(key) ?? { ...target, check };
      sums.set(key, { ...old, up: old.up + integer(row, 'up'), down: old.down + integer(row, 'down') });
    }
  };
  for (const part of sumParts(from, to, rolledOf(db))) {
    if (part.unit === 'day') {
      const days = db.prepare('SELECT target, up, down FROM probe_day WHERE target = ? AND ts >= ? AND ts < ?');
      for (const [id, { check }] of targets) {
        if (!check.startsWith(ALL_OF)) continue;
        add(days.all(id, part.from, part.to));
        yield;
      }
      continue;
    }
    const each = db.prepare(`SELECT target, up, down FROM probe_${part.unit} WHERE ts = ?`);
    const first = db.prepare(`SELECT min(ts) AS ts FROM probe_${part.unit} WHERE ts >= ?`).get(part.from)?.['ts'] ?? part.to;
    for (let ts = Number(first); ts < part.to; ts++) {
      add(each.all(ts));
      yield;
    }
  }
  return [...sums.values()];
}

function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is ${typeof value}, not a blob`);
  return value;
}
