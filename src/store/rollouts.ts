/** Rollouts, their steps and their traffic in platform.db: a step is recorded before it is taken. */

import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../kit/clock.ts';
import { integer, integerOr, parseJson, text, textOr, type Row } from './rows.ts';
import type { Phase, RolloutKind, RolloutRow, StepRow, StepState, TrafficRow, Verdict } from './types.ts';

export interface NewRollout {
  readonly environment: string;
  readonly release: number;
  readonly from: number | undefined;
  readonly kind: RolloutKind;
  readonly actor: string;
  readonly forcedReason: string | undefined;
  readonly phase: 'waiting' | 'start';
  /** Of the job that asked for it, whose approval let it go. */
  readonly approval?: number | undefined;
}

export interface RolloutsWanted {
  readonly environment?: string | undefined;
  readonly release?: number | undefined;
  readonly limit: number;
}

export interface RolloutStore {
  begin(rollout: NewRollout): RolloutRow;
  get(id: number): RolloutRow | undefined;
  phase(id: number, phase: Phase): void;
  /** It has the environment to itself now; `from` is what it finds there. */
  start(id: number, from: number | undefined): RolloutRow;
  addCut(id: number, cut: number): void;
  end(id: number, end: { readonly verdict: Verdict; readonly reason?: string | undefined }): void;
  /** All that have not ended, oldest first. */
  open(): readonly RolloutRow[];
  /** The last one that moved (or tried to move) the environment to the release. */
  latest(environment: string, release: number): RolloutRow | undefined;
  /** Of an environment: those that began or ended since then, or have not ended, oldest first. */
  since(environment: string, at: number): readonly RolloutRow[];
  /** How often each environment went back: as somebody asked for it, or as the new release did not hold. */
  wentBack(): readonly { readonly environment: string; readonly reason: 'asked' | 'failed'; readonly count: number }[];
  /** Those that touched what runs in an environment since then, oldest first. */
  moves(environment: string, from: number): readonly Move[];
  /** When each environment was last touched by one. */
  begun(): readonly { readonly environment: string; readonly at: number }[];
  /** The newest first. */
  list(wanted: RolloutsWanted): readonly RolloutRow[];
  /** Verified ones of an environment, newest first. */
  verified(environment: string): readonly RolloutRow[];
  /** Records that a step begins; returns its number. */
  step(id: number, step: { readonly step: string; readonly title: string }): number;
  endStep(id: number, seq: number, end: { readonly state: StepState; readonly detail?: string | undefined }): void;
  steps(id: number): readonly StepRow[];
  setTraffic(id: number, rows: readonly TrafficRow[]): void;
  traffic(id: number): readonly TrafficRow[];
}

/** A rollout as a chart marks it. */
export interface Move extends Pick<RolloutRow, 'release' | 'kind' | 'verdict'> {
  /** When requests first went to its release; where none did, when its work began. */
  readonly at: number;
}

/** One that waits for an approval, or was never given one, has taken no step of these. */
const MOVES = `SELECT r.*, coalesce(min(iif(s.step LIKE r.environment || '/shift/%', s.started_at, NULL)), min(s.started_at)) AS at
  FROM rollout r JOIN rollout_step s ON s.rollout = r.id AND (s.step = r.environment || '/fetch' OR s.step LIKE r.environment || '/shift/%')
  GROUP BY r.id`;

export function rolloutStore(db: DatabaseSync, clock: Clock): RolloutStore {
  const get = (id: number): RolloutRow | undefined => {
    const row = db.prepare('SELECT * FROM rollout WHERE id = ?').get(id);
    return row === undefined ? undefined : toRollout(row);
  };
  const found = (id: number): RolloutRow => {
    const row = get(id);
    if (row === undefined) throw new Error(`rollout ${id} vanished`);
    return row;
  };
  return {
    get,
    begin(rollout) {
      const { environment, release, from, kind, phase, actor, forcedReason, approval } = rollout;
      const verdict = phase === 'waiting' ? 'waiting' : 'running';
      const done = db
        .prepare(
          `INSERT INTO rollout (environment, release, from_release, kind, verdict, phase, actor, forced_reason, started_at, approval)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(environment, release, from ?? null, kind, verdict, phase, actor, forcedReason ?? null, clock.now(), approval ?? null);
      return found(Number(done.lastInsertRowid));
    },
    phase(id, phase) {
      db.prepare('UPDATE rollout SET phase = ?, verdict = ? WHERE id = ?').run(phase, phase === 'waiting' ? 'waiting' : 'running', id);
    },
    start(id, from) {
      db.prepare(`UPDATE rollout SET phase = 'start', verdict = 'running', from_release = ? WHERE id = ?`).run(from ?? null, id);
      return found(id);
    },
    addCut(id, cut) {
      db.prepare('UPDATE rollout SET cut = cut + ? WHERE id = ?').run(cut, id);
    },
    end(id, { verdict, reason }) {
      db.prepare(`UPDATE rollout SET phase = 'ended', verdict = ?, reason = ?, ended_at = ? WHERE id = ?`).run(
        verdict,
        reason ?? null,
        clock.now(),
        id,
      );
    },
    open: () => db.prepare(`SELECT * FROM rollout WHERE phase <> 'ended' ORDER BY id`).all().map(toRollout),
    latest(environment, release) {
      const row = db
        .prepare('SELECT * FROM rollout WHERE environment = ? AND release = ? ORDER BY id DESC LIMIT 1')
        .get(environment, release);
      return row === undefined ? undefined : toRollout(row);
    },
    since: (environment, at) =>
      db
        .prepare('SELECT * FROM rollout WHERE environment = ? AND (started_at >= ? OR ended_at >= ? OR ended_at IS NULL) ORDER BY id')
        .all(environment, at, at)
        .map(toRollout),
    wentBack: () =>
      db
        .prepare(
          `SELECT environment, iif(kind = 'rollback', 'asked', 'failed') AS reason, count(*) AS count FROM rollout
           WHERE (kind = 'rollback' AND verdict = 'verified') OR (kind <> 'rollback' AND verdict = 'undone') GROUP BY 1, 2 ORDER BY 1, 2`,
        )
        .all()
        .map((row) => ({
          environment: text(row, 'environment'),
          reason: text(row, 'reason') === 'asked' ? ('asked' as const) : ('failed' as const),
          count: integer(row, 'count'),
        })),
    moves: (environment, from) =>
      db
        .prepare(`SELECT * FROM (${MOVES}) WHERE environment = ? AND at >= ? ORDER BY at, id`)
        .all(environment, from)
        .map((row) => ({ ...toRollout(row), at: integer(row, 'at') })),
    begun: () =>
      db
        .prepare(`SELECT environment, max(at) AS at FROM (${MOVES}) GROUP BY environment ORDER BY environment`)
        .all()
        .map((row) => ({ environment: text(row, 'environment'), at: integer(row, 'at') })),
    list: ({ environment, release, limit }) =>
      db
        .prepare(
          `SELECT * FROM rollout WHERE (:environment IS NULL OR environment = :environment) AND (:release IS NULL OR release = :release)
           ORDER BY id DESC LIMIT :limit`,
        )
        .all({ environment: environment ?? null, release: release ?? null, limit })
        .map(toRollout),
    verified: (environment) =>
      db.prepare(`SELECT * FROM rollout WHERE environment = ? AND verdict = 'verified' ORDER BY id DESC`).all(environment).map(toRollout),
    step(id, step) {
      const row = db.prepare('SELECT coalesce(max(seq), 0) + 1 AS seq FROM rollout_step WHERE rollout = ?').get(id);
      const seq = integer(row ?? {}, 'seq');
      db.prepare(`INSERT INTO rollout_step (rollout, seq, step, title, state, started_at) VALUES (?, ?, ?, ?, 'start', ?)`).run(
        id,
        seq,
        step.step,
        step.title,
        clock.now(),
      );
      return seq;
    },
    endStep(id, seq, end) {
      db.prepare('UPDATE rollout_step SET state = ?, detail = ?, ms = ? - started_at WHERE rollout = ? AND seq = ?').run(
        end.state,
        end.detail ?? null,
        clock.now(),
        id,
        seq,
      );
    },
    steps: (id) => db.prepare('SELECT * FROM rollout_step WHERE rollout = ? ORDER BY seq').all(id).map(toStep),
    setTraffic(id, rows) {
      const put = db.prepare(
        `INSERT INTO rollout_traffic (rollout, service, release, served, errors, lost, unseen, latency) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (rollout, service, release) DO UPDATE SET served = excluded.served, errors = excluded.errors, lost = excluded.lost,
           unseen = excluded.unseen, latency = excluded.latency`,
      );
      for (const row of rows)
        put.run(id, row.service, row.release, row.served, row.errors, row.lost, row.unseen, JSON.stringify(row.latency));
    },
    traffic: (id) => db.prepare('SELECT * FROM rollout_traffic WHERE rollout = ? ORDER BY service, release').all(id).map(toTraffic),
  };
}

function toRollout(row: Row): RolloutRow {
  return {
    id: integer(row, 'id'),
    environment: text(row, 'environment'),
    release: integer(row, 'release'),
    from: integerOr(row, 'from_release'),
    kind: text(row, 'kind') as RolloutKind,
    verdict: text(row, 'verdict') as Verdict,
    phase: text(row, 'phase') as Phase,
    actor: text(row, 'actor'),
    forcedReason: textOr(row, 'forced_reason'),
    reason: textOr(row, 'reason'),
    cut: integer(row, 'cut'),
    startedAt: integer(row, 'started_at'),
    endedAt: integerOr(row, 'ended_at'),
  };
}

function toStep(row: Row): StepRow {
  return {
    seq: integer(row, 'seq'),
    step: text(row, 'step'),
    title: text(row, 'title'),
    state: text(row, 'state') as StepState,
    startedAt: integer(row, 'started_at'),
    ms: integerOr(row, 'ms'),
    detail: textOr(row, 'detail'),
  };
}

function toTraffic(row: Row): TrafficRow {
  return {
    service: text(row, 'service'),
    release: text(row, 'release'),
    served: integer(row, 'served'),
    errors: integer(row, 'errors'),
    lost: integer(row, 'lost'),
    unseen: integer(row, 'unseen'),
    latency: parseJson<number[]>(text(row, 'latency')),
  };
}
