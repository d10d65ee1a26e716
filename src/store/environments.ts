/** What each environment has: its release, its replicas, its hold. */

import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../kit/clock.ts';
import { integer, integerOr, text, type Row } from './rows.ts';
import { transact } from './transaction.ts';
import type { EnvironmentRow, HoldRow, ReplicaRow, ReplicaState } from './types.ts';

export type NewReplica = Omit<ReplicaRow, 'generation' | 'state'>;

export interface Move {
  readonly release: number;
  readonly rollout: number;
  /** Generations. */
  readonly serving: readonly number[];
  readonly retiring: readonly number[];
}

export interface EnvironmentStore {
  get(name: string): EnvironmentRow;
  list(): readonly EnvironmentRow[];
  /** The point of no return, in one transaction: these replicas serve the release, the named others retire, the rollout is in its phase `retire`. */
  move(name: string, to: Move): void;
  verify(name: string): void;
  addReplica(replica: NewReplica): ReplicaRow;
  replicas(environment?: string): readonly ReplicaRow[];
  setReplica(generation: number, state: ReplicaState): void;
  removeReplica(generation: number): void;
  /** The highest generation ever given, so that addresses go round instead of being reused at once. */
  lastGeneration(): number;
  hold(hold: Omit<HoldRow, 'since'>): void;
  unhold(environment: string): void;
  holdOf(environment: string): HoldRow | undefined;
}

export function environmentStore(db: DatabaseSync, clock: Clock): EnvironmentStore {
  const setReplica = (generation: number, state: ReplicaState): void => {
    db.prepare('UPDATE replica SET state = ? WHERE generation = ?').run(state, generation);
  };
  return {
    get(name) {
      const row = db.prepare('SELECT * FROM environment WHERE name = ?').get(name);
      return row === undefined ? { name, release: undefined, verifiedAt: undefined } : toEnvironment(row);
    },
    list: () => db.prepare('SELECT * FROM environment').all().map(toEnvironment),
    move(name, to) {
      transact(db, () => {
        db.prepare(
          `INSERT INTO environment (name, release) VALUES (?, ?)
           ON CONFLICT (name) DO UPDATE SET release = excluded.release, verified_at = NULL`,
        ).run(name, to.release);
        for (const generation of to.serving) setReplica(generation, 'serving');
        for (const generation of to.retiring) setReplica(generation, 'retiring');
        db.prepare(`UPDATE rollout SET phase = 'retire' WHERE id = ?`).run(to.rollout);
      });
    },
    verify(name) {
      db.prepare('UPDATE environment SET verified_at = ? WHERE name = ?').run(clock.now(), name);
    },
    addReplica(replica) {
      const { environment, service, release, address, rollout } = replica;
      const done = db
        .prepare(
          `INSERT INTO replica (environment, service, release, replica, address, state, rollout) VALUES (?, ?, ?, ?, ?, 'starting', ?)`,
        )
        .run(environment, service, release, replica.replica, address, rollout);
      return { ...replica, generation: Number(done.lastInsertRowid), state: 'starting' };
    },
    replicas(environment) {
      const rows =
        environment === undefined
          ? db.prepare('SELECT * FROM replica ORDER BY generation').all()
          : db.prepare('SELECT * FROM replica WHERE environment = ? ORDER BY generation').all(environment);
      return rows.map(toReplica);
    },
    setReplica,
    removeReplica(generation) {
      db.prepare('DELETE FROM replica WHERE generation = ?').run(generation);
    },
    lastGeneration() {
      const row = db.prepare(`SELECT coalesce(max(seq), 0) AS seq FROM sqlite_sequence WHERE name = 'replica'`).get();
      return integer(row ?? {}, 'seq');
    },
    hold(hold) {
      db.prepare('INSERT OR REPLACE INTO hold (environment, reason, actor, since) VALUES (?, ?, ?, ?)').run(
        hold.environment,
        hold.reason,
        hold.actor,
        clock.now(),
      );
    },
    unhold(environment) {
      db.prepare('DELETE FROM hold WHERE environment = ?').run(environment);
    },
    holdOf(environment) {
      const row = db.prepare('SELECT * FROM hold WHERE environment = ?').get(environment);
      if (row === undefined) return undefined;
      return { environment, reason: text(row, 'reason'), actor: text(row, 'actor'), since: integer(row, 'since') };
    },
  };
}

function toEnvironment(row: Row): EnvironmentRow {
  return { name: text(row, 'name'), release: integerOr(row, 'release'), verifiedAt: integerOr(row, 'verified_at') };
}

function toReplica(row: Row): ReplicaRow {
  return {
    generation: integer(row, 'generation'),
    environment: text(row, 'environment'),
    service: text(row, 'service'),
    release: integer(row, 'release'),
    replica: integer(row, 'replica'),
    address: text(row, 'address'),
    state: text(row, 'state') as ReplicaState,
    rollout: integer(row, 'rollout'),
  };
}
