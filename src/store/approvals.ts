/** Approvals in platform.db: who, when, from where. One vote a person. */

import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../kit/clock.ts';
import { integer, integerOr, text, textOr, type Row } from './rows.ts';
import type { ApprovalRow, ApprovalSubject, VoteRow } from './types.ts';

export interface ApprovalStore {
  request(request: Pick<ApprovalRow, 'subject' | 'environment' | 'needed'>): ApprovalRow;
  get(id: number): ApprovalRow | undefined;
  /** Its own, or that of the job which asked for it. */
  ofRollout(rollout: number): ApprovalRow | undefined;
  ofJob(job: { readonly run: number; readonly attempt: number; readonly job: string }): ApprovalRow | undefined;
  waiting(): readonly ApprovalRow[];
  /** Records the vote and the state that follows: one refusal rejects, `needed` distinct approvals approve. */
  vote(id: number, vote: Omit<VoteRow, 'at'>): ApprovalRow;
  /** Closes one whose rollout ended otherwise. */
  close(id: number): void;
}

export function approvalStore(db: DatabaseSync, clock: Clock): ApprovalStore {
  const toApproval = (row: Row): ApprovalRow => ({
    id: integer(row, 'id'),
    subject: toSubject(row),
    environment: text(row, 'environment'),
    needed: integer(row, 'needed'),
    state: text(row, 'state') as ApprovalRow['state'],
    requestedAt: integer(row, 'requested_at'),
    votes: db.prepare('SELECT * FROM approval_vote WHERE approval = ? ORDER BY at').all(integer(row, 'id')).map(toVote),
  });
  const get = (id: number): ApprovalRow | undefined => {
    const row = db.prepare('SELECT * FROM approval WHERE id = ?').get(id);
    return row === undefined ? undefined : toApproval(row);
  };
  const found = (id: number): ApprovalRow => {
    const row = get(id);
    if (row === undefined) throw new Error(`approval ${id} vanished`);
    return row;
  };
  return {
    get,
    request({ subject, environment, needed }) {
      const of = subject.kind === 'job' ? subject : { run: null, attempt: null, job: null };
      const rollout = subject.kind === 'rollout' ? subject.rollout : null;
      const done = db
        .prepare(
          `INSERT INTO approval (rollout, run, attempt, job, environment, needed, state, requested_at) VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?)`,
        )
        .run(rollout, of.run, of.attempt, of.job, environment, needed, clock.now());
      return found(Number(done.lastInsertRowid));
    },
    ofJob({ run, attempt, job }) {
      const row = db.prepare('SELECT * FROM approval WHERE run = ? AND attempt = ? AND job = ? ORDER BY id DESC').get(run, attempt, job);
      return row === undefined ? undefined : toApproval(row);
    },
    ofRollout(rollout) {
      const row = db
        .prepare('SELECT * FROM approval WHERE rollout = ? OR id = (SELECT approval FROM rollout WHERE id = ?)')
        .get(rollout, rollout);
      return row === undefined ? undefined : toApproval(row);
    },
    waiting: () => db.prepare(`SELECT * FROM approval WHERE state = 'waiting' ORDER BY id`).all().map(toApproval),
    vote(id, vote) {
      db.prepare('INSERT OR REPLACE INTO approval_vote (approval, actor, approve, via, comment, at) VALUES (?, ?, ?, ?, ?, ?)').run(
        id,
        vote.actor,
        vote.approve ? 1 : 0,
        vote.via,
        vote.comment ?? null,
        clock.now(),
      );
      const { votes, needed } = found(id);
      const rejected = votes.some((each) => !each.approve);
      const state = rejected ? 'rejected' : votes.length >= needed ? 'approved' : 'waiting';
      db.prepare('UPDATE approval SET state = ? WHERE id = ?').run(state, id);
      return found(id);
    },
    close(id) {
      db.prepare(`UPDATE approval SET state = 'rejected' WHERE id = ? AND state = 'waiting'`).run(id);
    },
  };
}

function toSubject(row: Row): ApprovalSubject {
  const rollout = integerOr(row, 'rollout');
  if (rollout !== undefined) return { kind: 'rollout', rollout };
  return { kind: 'job', run: integer(row, 'run'), attempt: integer(row, 'attempt'), job: text(row, 'job') };
}

function toVote(row: Row): VoteRow {
  return {
    actor: text(row, 'actor'),
    approve: integer(row, 'approve') === 1,
    via: text(row, 'via'),
    comment: textOr(row, 'comment'),
    at: integer(row, 'at'),
  };
}
