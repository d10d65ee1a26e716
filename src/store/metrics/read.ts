/** Reads history from metrics.db in small steps: between two of them others have their turn on the event loop. */

import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';

import { integer, text, type Row } from '../rows.ts';
import { addHistograms, unpackHistogram } from './histogram.ts';
import { DAY_MS, readMeta } from './schema.ts';
import { partsOf, sumParts, UNIT_MS, type Part, type Rolled, type Span, type Unit } from './tiers.ts';
import type { HistoryQuery, MachineMinuteRow, ProbePoint, TargetKeyRow, TrafficPoint, UptimeRow } from './types.ts';
import { TRAFFIC_CHECK } from './write.ts';

/** A generator whose steps take a few milliseconds at most. */
export type Steps<T> = Generator<undefined, T>;

/** Runs steps, and lets the event loop go round after each few milliseconds. */
export async function inSteps<T>(steps: Steps<T>): Promise<T> {
  for (let until = performance.now() + TURN_MS; ;) {
    const { done, value } = steps.next();
    if (done === true) return value;
    if (performance.now() < until) continue;
    await new Promise((resolve) => setImmediate(resolve));
    until = performance.now() + TURN_MS;
  }
}

const TURN_MS = 4;
/** Rows by time that one step may look at. */
const STEP_ROWS = 500;

interface Target extends TargetKeyRow {
  readonly id: number;
  readonly firstDay: number;
  readonly lastDay: number;
}

export function* readProbes(db: DatabaseSync, query: HistoryQuery): Steps<ProbePoint[]> {
  const points: ProbePoint[] = [];
  const ask = asker(db, 'probe', 'sum(m.up) AS up, sum(m.down) AS down, sum(m.late) AS late, sum(m.sum) AS sum, max(m.max) AS max');
  for (const target of targetsOf(db, query, false)) {
    const found = new Map<number, ProbePoint>();
    for (const part of partsOf(query, rolledOf(db))) {
      for (const row of yield* ask(part, target, query)) {
        const at = integer(row, 'slot') * query.stepMs;
        const old = found.get(at);
        found.set(at, {
          ...keyOf(target),
          at,
          up: integer(row, 'up') + (old?.up ?? 0),
          down: integer(row, 'down') + (old?.down ?? 0),
          late: integer(row, 'late') + (old?.late ?? 0),
          sumMs: integer(row, 'sum') / 10 + (old?.sumMs ?? 0),
          maxMs: Math.max(integer(row, 'max') / 10, old?.maxMs ?? 0),
        });
      }
    }
    points.push(...found.values());
  }
  return points.sort((a, b) => a.at - b.at);
}

export function* readTraffic(db: DatabaseSync, query: HistoryQuery): Steps<TrafficPoint[]> {
  const points = new Map<string, TrafficPoint>();
  const ask = asker(db, 'traffic');
  for (const target of targetsOf(db, query, true)) {
    for (const part of partsOf(query, rolledOf(db))) {
      for (const row of yield* ask(part, target, query)) {
        const at = integer(row, 'slot') * query.stepMs;
        const key = `${target.release} ${at}`;
        const old = points.get(key);
        const histogram = unpackHistogram(blob(row, 'hist'));
        points.set(key, {
          at,
          release: target.release,
          requests: integer(row, 'requests') + (old?.requests ?? 0),
          errors: integer(row, 'errors') + (old?.errors ?? 0),
          lost: integer(row, 'lost') + (old?.lost ?? 0),
          histogram: old === undefined ? histogram : addHistograms(old.histogram, histogram),
        });
      }
    }
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
  for (const row of db
    .prepare('SELECT id, environment, service, check_name FROM target WHERE last_day >= ?')
    .all(Math.floor(from / DAY_MS) - 1))
    targets.set(integer(row, 'id'), {
      environment: text(row, 'environment'),
      service: text(row, 'service'),
      check: text(row, 'check_name'),
      up: 0,
      down: 0,
    });
  yield;
  const add = (rows: readonly Row[]): void => {
    for (const row of rows) {
      const target = targets.get(integer(row, 'target'));
      if (target === undefined) continue;
      const key = `${target.environment}\0${target.service}\0${target.check}`;
      const old = sums.get(key) ?? target;
      sums.set(key, { ...old, up: old.up + integer(row, 'up'), down: old.down + integer(row, 'down') });
    }
  };
  for (const part of sumParts(from, to, rolledOf(db))) {
    if (part.unit === 'day') {
      const days = db.prepare('SELECT target, sum(up) AS up, sum(down) AS down FROM probe_day WHERE target = ? AND ts >= ? AND ts < ?');
      for (const id of targets.keys()) {
        add(days.all(id, part.from, part.to).filter((row) => row['target'] !== null));
        yield;
      }
      continue;
    }
    const each = db.prepare(`SELECT target, up, down FROM probe_${part.unit} WHERE ts = ?`);
    for (let ts = part.from; ts < part.to; ts++) {
      add(each.all(ts));
      yield;
    }
  }
  return [...sums.values()];
}

/** Questions about one target's rows of one table, summed by the query's step where columns are given, else each row. */
function asker(db: DatabaseSync, kind: 'probe' | 'traffic', sums?: string) {
  const statements = new Map<Unit, StatementSync>();
  const columns = `CAST(m.ts * ? / ? AS INTEGER) AS slot, ${sums ?? 'm.*'}`;
  const group = sums === undefined ? '' : 'GROUP BY slot';
  const statementOf = (unit: Unit): StatementSync => {
    let statement = statements.get(unit);
    if (statement !== undefined) return statement;
    const table = `${kind}_${unit}`;
    statement = db.prepare(
      unit === 'day'
        ? `SELECT ${columns} FROM ${table} m WHERE m.ts >= ? AND m.ts < ? AND m.target = ? ${group}`
        : // the key begins with the time: look it up for each time instead of reading what all others had
          `WITH RECURSIVE t (ts) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT ts + 1 FROM t WHERE ts + 1 < ?)
           SELECT ${columns} FROM t CROSS JOIN ${table} m ON m.ts = t.ts AND m.target = ? ${group}`,
    );
    statements.set(unit, statement);
    return statement;
  };
  return function* ask(part: Part, target: Target, { stepMs }: Span): Steps<Row[]> {
    const ms = UNIT_MS[part.unit];
    const rows: Row[] = [];
    // `last_day` is moved once a day by who keeps house
    const end = Math.min(part.to, ((target.lastDay + 2) * DAY_MS) / ms);
    for (let from = Math.max(part.from, (target.firstDay * DAY_MS) / ms); from < end; from += STEP_ROWS) {
      const to = Math.min(end, from + STEP_ROWS);
      const values: SQLInputValue[] = part.unit === 'day' ? [ms, stepMs, from, to, target.id] : [from, to, ms, stepMs, target.id];
      rows.push(...statementOf(part.unit).all(...values));
      yield;
    }
    return rows;
  };
}

function targetsOf(db: DatabaseSync, query: HistoryQuery, traffic: boolean): Target[] {
  return db
    .prepare(
      `SELECT * FROM target WHERE environment = ? AND service = ? AND (check_name = '${TRAFFIC_CHECK}') = ? AND first_day <= ? AND last_day >= ?
       ORDER BY id`,
    )
    .all(query.environment, query.service, traffic ? 1 : 0, Math.floor(query.to / DAY_MS), Math.floor(query.from / DAY_MS) - 1)
    .map((row) => ({
      id: integer(row, 'id'),
      environment: text(row, 'environment'),
      service: text(row, 'service'),
      release: text(row, 'release'),
      replica: text(row, 'replica'),
      check: text(row, 'check_name'),
      firstDay: integer(row, 'first_day'),
      lastDay: integer(row, 'last_day'),
    }));
}

function keyOf({ environment, service, release, replica, check }: Target): TargetKeyRow {
  return { environment, service, release, replica, check };
}

function rolledOf(db: DatabaseSync): Rolled {
  return { hours: readMeta(db, 'hours'), days: readMeta(db, 'days'), floor: readMeta(db, 'floor') };
}

function blob(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new TypeError(`column ${column} is ${typeof value}, not a blob`);
  return value;
}
