/** Pushes, workflow runs, their jobs and steps in platform.db: a state is recorded before anybody hears of it. */

import type { DatabaseSync } from 'node:sqlite';

import type { Clock } from '../kit/clock.ts';
import { integer, integerOr, parseJson, text, textOr, type Row } from './rows.ts';
import { transact } from './transaction.ts';
import type { JobRow, JobStepRow, NewRun, PushRow, RunConclusion, RunRow } from './types.ts';

export interface RunStore {
  addPush(push: Omit<PushRow, 'id' | 'at'>): PushRow;
  add(run: NewRun): RunRow;
  get(id: number): RunRow | undefined;
  /** Newest first. */
  list(limit: number): readonly RunRow[];
  /** All that have not ended, oldest first. */
  open(): readonly RunRow[];
  start(id: number): void;
  end(id: number, end: { readonly conclusion: RunConclusion; readonly reason?: string | undefined }): void;
  /** The next attempt: the run is queued again, now for this reason. */
  again(id: number, trigger: unknown): RunRow;
  setRelease(id: number, release: number): void;
  /** Writes the job as it is now; times follow from its states. */
  putJob(job: Omit<JobRow, 'startedAt' | 'endedAt'>): void;
  /** Of an attempt, in the order in which they came. */
  jobs(run: number, attempt: number): readonly JobRow[];
  putStep(run: Pick<JobRow, 'run' | 'attempt'>, step: Omit<JobStepRow, 'startedAt' | 'endedAt'>): void;
  steps(run: number, attempt: number): readonly JobStepRow[];
}

export function runStore(db: DatabaseSync, clock: Clock): RunStore {
  const get = (id: number): RunRow | undefined => {
    const row = db.prepare('SELECT * FROM run WHERE id = ?').get(id);
    return row === undefined ? undefined : toRun(row);
  };
  const found = (id: number): RunRow => {
    const row = get(id);
    if (row === undefined) throw new Error(`run ${id} vanished`);
    return row;
  };
  return {
    addPush(push) {
      const at = clock.now();
      const done = db
        .prepare('INSERT INTO push (ref, before_commit, after_commit, forced, actor, at) VALUES (?, ?, ?, ?, ?, ?)')
        .run(push.ref, push.before ?? null, push.after ?? null, push.forced ? 1 : 0, push.actor, at);
      return { ...push, id: Number(done.lastInsertRowid), at };
    },
    add: (run) => found(transact(db, () => insert(db, run, clock.now()))),
    get,
    list: (limit) => db.prepare('SELECT * FROM run ORDER BY id DESC LIMIT ?').all(limit).map(toRun),
    open: () => db.prepare(`SELECT * FROM run WHERE state <> 'completed' ORDER BY id`).all().map(toRun),
    start(id) {
      db.prepare(`UPDATE run SET state = 'in_progress', started_at = coalesce(started_at, ?) WHERE id = ?`).run(clock.now(), id);
    },
    end(id, { conclusion, reason }) {
      db.prepare(`UPDATE run SET state = 'completed', conclusion = ?, reason = ?, ended_at = ? WHERE id = ?`).run(
        conclusion,
        reason ?? null,
        clock.now(),
        id,
      );
    },
    again(id, trigger) {
      db.prepare(
        `UPDATE run SET attempt = attempt + 1, trigger_json = ?, state = 'queued', conclusion = NULL, reason = NULL, started_at = NULL, ended_at = NULL WHERE id = ?`,
      ).run(JSON.stringify(trigger), id);
      return found(id);
    },
    setRelease(id, release) {
      db.prepare('UPDATE run SET release = ? WHERE id = ?').run(release, id);
    },
    putJob(job) {
      const now = clock.now();
      db.prepare(
        `INSERT INTO job (run, attempt, key, id, name, needs, state, conclusion, environment, matrix, outputs, reason, started_at, ended_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run, attempt, key) DO UPDATE SET name = excluded.name, state = excluded.state, conclusion = excluded.conclusion,
           environment = excluded.environment, matrix = excluded.matrix, outputs = excluded.outputs, reason = excluded.reason,
           started_at = coalesce(started_at, excluded.started_at), ended_at = coalesce(ended_at, excluded.ended_at)`,
      ).run(
        job.run,
        job.attempt,
        job.key,
        job.id,
        job.name,
        JSON.stringify(job.needs),
        job.state,
        job.conclusion ?? null,
        job.environment ?? null,
        job.matrix === undefined ? null : JSON.stringify(job.matrix),
        JSON.stringify(job.outputs),
        job.reason ?? null,
        job.state === 'in_progress' ? now : null,
        job.state === 'completed' ? now : null,
      );
    },
    jobs: (run, attempt) => db.prepare('SELECT * FROM job WHERE run = ? AND attempt = ? ORDER BY rowid').all(run, attempt).map(toJob),
    putStep({ run, attempt }, step) {
      const now = clock.now();
      db.prepare(
        `INSERT INTO job_step (run, attempt, job, number, name, state, conclusion, started_at, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (run, attempt, job, number) DO UPDATE SET name = excluded.name, state = excluded.state, conclusion = excluded.conclusion,
           ended_at = excluded.ended_at`,
      ).run(
        run,
        attempt,
        step.job,
        step.number,
        step.name,
        step.state,
        step.conclusion ?? null,
        now,
        step.state === 'completed' ? now : null,
      );
    },
    steps: (run, attempt) =>
      db.prepare('SELECT * FROM job_step WHERE run = ? AND attempt = ? ORDER BY job, number').all(run, attempt).map(toStep),
  };
}

function insert(db: DatabaseSync, run: NewRun, now: number): number {
  const row = db.prepare('SELECT coalesce(max(number), 0) + 1 AS number FROM run WHERE path = ?').get(run.path);
  const done = db
    .prepare(
      `INSERT INTO run (push, path, name, number, attempt, event, ref, sha, actor, title, trigger_json, inputs, state, created_at)
       VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, 'queued', ?)`,
    )
    .run(
      run.push ?? null,
      run.path,
      run.name,
      integer(row ?? {}, 'number'),
      run.event,
      run.ref,
      run.sha,
      run.actor,
      run.title,
      JSON.stringify(run.trigger),
      JSON.stringify(run.inputs),
      now,
    );
  return Number(done.lastInsertRowid);
}

function toRun(row: Row): RunRow {
  return {
    id: integer(row, 'id'),
    push: integerOr(row, 'push'),
    path: text(row, 'path'),
    name: text(row, 'name'),
    number: integer(row, 'number'),
    attempt: integer(row, 'attempt'),
    event: text(row, 'event'),
    ref: text(row, 'ref'),
    sha: text(row, 'sha'),
    actor: text(row, 'actor'),
    title: text(row, 'title'),
    trigger: parseJson<unknown>(text(row, 'trigger_json')),
    inputs: parseJson<Record<string, unknown>>(text(row, 'inputs')),
    state: text(row, 'state') as RunRow['state'],
    conclusion: textOr(row, 'conclusion') as RunConclusion | undefined,
    reason: textOr(row, 'reason'),
    release: integerOr(row, 'release'),
    createdAt: integer(row, 'created_at'),
    startedAt: integerOr(row, 'started_at'),
    endedAt: integerOr(row, 'ended_at'),
  };
}

function toJob(row: Row): JobRow {
  const matrix = textOr(row, 'matrix');
  return {
    run: integer(row, 'run'),
    attempt: integer(row, 'attempt'),
    key: text(row, 'key'),
    id: text(row, 'id'),
    name: text(row, 'name'),
    needs: parseJson<string[]>(text(row, 'needs')),
    state: text(row, 'state') as JobRow['state'],
    conclusion: textOr(row, 'conclusion') as RunConclusion | undefined,
    environment: textOr(row, 'environment'),
    matrix: matrix === undefined ? undefined : parseJson<Record<string, unknown>>(matrix),
    outputs: parseJson<Record<string, string>>(text(row, 'outputs')),
    reason: textOr(row, 'reason'),
    startedAt: integerOr(row, 'started_at'),
    endedAt: integerOr(row, 'ended_at'),
  };
}

function toStep(row: Row): JobStepRow {
  return {
    job: text(row, 'job'),
    number: integer(row, 'number'),
    name: text(row, 'name'),
    state: text(row, 'state') as JobStepRow['state'],
    conclusion: textOr(row, 'conclusion') as RunConclusion | undefined,
    startedAt: integer(row, 'started_at'),
    endedAt: integerOr(row, 'ended_at'),
  };
}
