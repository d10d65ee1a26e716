/** Finds rows of some targets in a span of time, by the keys alone: nothing is read that belongs to others. */

import type { DatabaseSync, StatementSync } from 'node:sqlite';

import { integer, text, type Row } from '../rows.ts';
import { DAY_MS, readMeta } from './schema.ts';
import type { Steps } from './steps.ts';
import { partsOf, UNIT_MS, type Part, type Rolled, type Span, type Unit } from './tiers.ts';
import type { HistoryQuery, TargetKeyRow } from './types.ts';
import { ALL_OF, TRAFFIC_CHECK } from './write.ts';

export interface Target extends TargetKeyRow {
  readonly id: number;
  readonly firstDay: number;
  readonly lastDay: number;
}

export interface Question {
  readonly kind: 'probe' | 'traffic';
  readonly targets: readonly Target[];
  readonly span: Span;
  /** Aggregates of `m`'s columns by slot; unset: each row as it is. */
  readonly sums?: string;
}

/** Rows by time that one step may look at, and targets. */
const STEP_ROWS = 500;
const STEP_TARGETS = 400;
/** Shorter spans are looked up without asking first when the target was there. */
const SHORT = 120;

/** Rows with `target` and `slot` (the step they belong to, counted from 1970); a slot may come in several rows. */
export function* rowsOf(db: DatabaseSync, question: Question): Steps<Row[]> {
  const { kind, targets, span } = question;
  const rolled = rolledOf(db);
  const statements = createStatements(db, question);
  const rows: Row[] = [];
  for (const part of partsOf(span, rolled)) {
    const ms = UNIT_MS[part.unit];
    if (part.unit === 'day') {
      for (let index = 0; index < targets.length; index += STEP_TARGETS) {
        const ids = JSON.stringify(targets.slice(index, index + STEP_TARGETS).map(({ id }) => id));
        rows.push(...statements('day').all(ms, span.stepMs, ids, part.from, part.to));
        yield;
      }
      continue;
    }
    for (const target of targets) {
      for (const run of runsOf(db, { kind, part, target, rolled })) {
        for (let from = run.from; from < run.to; from += STEP_ROWS) {
          rows.push(...statements(part.unit).all(from, Math.min(run.to, from + STEP_ROWS), ms, span.stepMs, target.id));
          yield;
        }
      }
    }
  }
  return rows;
}

export type Which = 'traffic' | 'each' | 'all-of';

/** `each` target's check for itself, or all of a service's in one, which has days only. */
const WHICH: Readonly<Record<Which, string>> = {
  traffic: `check_name = '${TRAFFIC_CHECK}'`,
  each: `check_name <> '${TRAFFIC_CHECK}' AND substr(check_name, 1, 1) <> '${ALL_OF}'`,
  'all-of': `substr(check_name, 1, 1) = '${ALL_OF}'`,
};

/** All that were there in the query's time. */
export function* targetsOf(db: DatabaseSync, query: Omit<HistoryQuery, 'stepMs'>, which: Which): Steps<Target[]> {
  const targets: Target[] = [];
  const found = db
    .prepare(`SELECT * FROM target WHERE environment = ? AND service = ? AND ${WHICH[which]} AND first_day <= ? AND last_day >= ?`)
    .iterate(query.environment, query.service, Math.floor(query.to / DAY_MS), Math.floor(query.from / DAY_MS) - 1);
  for (const row of found) {
    targets.push({
      id: integer(row, 'id'),
      environment: query.environment,
      service: query.service,
      release: text(row, 'release'),
      replica: text(row, 'replica'),
      check: text(row, 'check_name'),
      firstDay: integer(row, 'first_day'),
      lastDay: integer(row, 'last_day'),
    });
    if (targets.length % STEP_TARGETS === 0) yield;
  }
  return targets.sort((a, b) => a.id - b.id);
}

export function rolledOf(db: DatabaseSync): Rolled {
  return { hours: readMeta(db, 'hours'), days: readMeta(db, 'days'), floor: readMeta(db, 'floor') };
}

function createStatements(db: DatabaseSync, { kind, sums }: Question): (unit: Unit) => StatementSync {
  const known = new Map<Unit, StatementSync>();
  const columns = `CAST(m.ts * ? / ? AS INTEGER) AS slot, ${sums === undefined ? 'm.*' : `min(m.target) AS target, ${sums}`}`;
  const group = sums === undefined ? '' : 'GROUP BY slot';
  const sqlOf = (unit: Unit): string =>
    unit === 'day'
      ? `SELECT ${columns} FROM json_each(?) each CROSS JOIN ${kind}_day m ON m.target = each.value AND m.ts >= ? AND m.ts < ?
         ${sums === undefined ? '' : 'GROUP BY m.target, slot'}`
      : // the key begins with the time: look it up for each time instead of reading what all others had
        `WITH RECURSIVE t (ts) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT ts + 1 FROM t WHERE ts + 1 < ?)
         SELECT ${columns} FROM t CROSS JOIN ${kind}_${unit} m ON m.ts = t.ts AND m.target = ? ${group}`;
  return (unit) => {
    let statement = known.get(unit);
    if (statement === undefined) known.set(unit, (statement = db.prepare(sqlOf(unit))));
    return statement;
  };
}

interface Life {
  readonly kind: Question['kind'];
  readonly part: Part;
  readonly target: Target;
  readonly rolled: Rolled;
}

interface Run {
  from: number;
  to: number;
}

/** When in this part the target was there, as far as the next coarser unit tells: replicas of a release live for hours, a question is about weeks. */
function runsOf(db: DatabaseSync, { kind, part, target, rolled }: Life): readonly Run[] {
  const perDay = DAY_MS / UNIT_MS[part.unit];
  const from = Math.max(part.from, target.firstDay * perDay);
  const to = Math.min(part.to, (target.lastDay + 2) * perDay); // `last_day` is moved once a day by who keeps house
  if (from >= to) return [];
  if (to - from <= SHORT) return [{ from, to }];
  const [size, known, seen] = part.unit === 'minute' ? [60, rolled.hours, hoursOf(db, kind)] : [24, rolled.days, daysOf(db, kind)];
  const runs: Run[] = [];
  const add = (run: Run): void => {
    const last = runs.at(-1);
    if (last?.to === run.from) last.to = run.to;
    else runs.push(run);
  };
  const first = Math.floor(from / size);
  const last = Math.min(known, Math.ceil(to / size));
  for (const row of first < last ? seen.all(first, last, target.id) : []) {
    const ts = integer(row, 'ts');
    add({ from: Math.max(from, ts * size), to: Math.min(to, (ts + 1) * size) });
  }
  const open = Math.max(from, known * size);
  if (open < to) add({ from: open, to });
  return runs;
}

function hoursOf(db: DatabaseSync, kind: Question['kind']): StatementSync {
  return db.prepare(
    `WITH RECURSIVE t (ts) AS (SELECT CAST(? AS INTEGER) UNION ALL SELECT ts + 1 FROM t WHERE ts + 1 < ?)
     SELECT t.ts FROM t CROSS JOIN ${kind}_hour m ON m.ts = t.ts AND m.target = ?`,
  );
}

function daysOf(db: DatabaseSync, kind: Question['kind']): StatementSync {
  return db.prepare(`SELECT ts FROM ${kind}_day WHERE ts >= ? AND ts < ? AND target = ?`);
}
