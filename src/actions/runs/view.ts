/** Rows of a run as the API shows them. Pure. */

import type { Run, RunEvent, RunSummary } from '../../contract/runs.ts';
import { isoTime } from '../../kit/clock.ts';
import type { JobRow, JobStepRow, RunRow } from '../../store/types.ts';
import type { RunLine, RunRecord } from '../types.ts';

const when = (at: number | undefined): string | null => (at === undefined ? null : isoTime(at));

export function toSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    number: row.number,
    attempt: row.attempt,
    workflow: row.name,
    path: row.path,
    event: row.event,
    ref: row.ref,
    sha: row.sha,
    title: row.title,
    actor: row.actor,
    state: row.state,
    conclusion: row.conclusion ?? null,
    reason: row.reason ?? null,
    release: row.release === undefined ? null : `r${row.release}`,
    createdAt: isoTime(row.createdAt),
    startedAt: when(row.startedAt),
    endedAt: when(row.endedAt),
  };
}

export function toRun(row: RunRow, jobs: readonly JobRow[], steps: readonly JobStepRow[]): Run {
  return {
    ...toSummary(row),
    jobs: jobs.map((job) => ({
      key: job.key,
      name: job.name,
      needs: [...job.needs],
      state: job.state,
      conclusion: job.conclusion ?? null,
      environment: job.environment ?? null,
      reason: job.reason ?? null,
      startedAt: when(job.startedAt),
      endedAt: when(job.endedAt),
      steps: steps
        .filter((step) => step.job === job.key)
        .map((step) => ({
          number: step.number,
          name: step.name,
          state: step.state,
          conclusion: step.conclusion ?? null,
          startedAt: isoTime(step.startedAt),
          endedAt: when(step.endedAt),
        })),
    })),
  };
}

/** What is told of a record, after it was written. */
export function toEvent(record: RunRecord, run: Pick<RunRow, 'id' | 'name'>): RunEvent {
  const time = isoTime(record.at);
  switch (record.kind) {
    case 'run': {
      const { state, conclusion } = record;
      const name = record.name === undefined || record.name === '' ? run.name : record.name;
      return { kind: 'run', time, run: run.id, name, state, ...(conclusion === undefined ? {} : { conclusion }) };
    }
    case 'job': {
      const { key, name, needs, state, conclusion, environment, reason } = record;
      return {
        kind: 'job',
        time,
        job: key,
        name,
        needs: [...needs],
        state,
        ...(conclusion === undefined ? {} : { conclusion }),
        ...(environment === undefined ? {} : { environment }),
        ...(reason === undefined ? {} : { reason }),
      };
    }
    case 'step': {
      const { job, number, name, state, conclusion } = record;
      return { kind: 'job-step', time, job, number, name, state, ...(conclusion === undefined ? {} : { conclusion }) };
    }
    default:
      return record satisfies never;
  }
}

export function toLineEvent({ at, job, step, kind, text, where }: RunLine): RunEvent {
  return { kind: 'line', time: isoTime(at), job, step, type: kind, text, ...(where === undefined ? {} : { where: { ...where } }) };
}

/** A run told from the record as it would have been told live. */
export function pastEvents(run: RunRow, jobs: readonly JobRow[], steps: readonly JobStepRow[]): readonly RunEvent[] {
  const all: RunRecord[] = [{ kind: 'run', at: run.startedAt ?? run.createdAt, state: 'in_progress', name: run.name }];
  const inOrder = jobs.toSorted((a, b) => (a.startedAt ?? Number.POSITIVE_INFINITY) - (b.startedAt ?? Number.POSITIVE_INFINITY));
  for (const job of inOrder) {
    const base = jobRecord(job);
    if (job.startedAt !== undefined) all.push({ ...base, at: job.startedAt, state: 'in_progress' });
    for (const { job: key, number, name, startedAt, endedAt, conclusion } of steps.filter((step) => step.job === job.key)) {
      all.push({ kind: 'step', at: startedAt, job: key, number, name, state: 'in_progress' });
      if (endedAt !== undefined) {
        all.push({
          kind: 'step',
          at: endedAt,
          job: key,
          number,
          name,
          state: 'completed',
          ...(conclusion === undefined ? {} : { conclusion }),
        });
      }
    }
    if (job.state === 'completed') {
      const { conclusion, reason } = job;
      all.push({
        ...base,
        at: job.endedAt ?? run.endedAt ?? run.createdAt,
        state: 'completed',
        ...(conclusion === undefined ? {} : { conclusion }),
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }
  return [...all.map((record) => toEvent(record, run)), ...(run.state === 'completed' ? [endEvent(run)] : [])];
}

/** How it ended, as the record says. */
export function endEvent({ id, name, conclusion, reason, endedAt, createdAt }: RunRow): RunEvent {
  return {
    kind: 'run',
    time: isoTime(endedAt ?? createdAt),
    run: id,
    name,
    state: 'completed',
    ...(conclusion === undefined ? {} : { conclusion }),
    ...(reason === undefined ? {} : { reason }),
  };
}

function jobRecord({ key, id, name, needs, environment }: JobRow): Omit<Extract<RunRecord, { kind: 'job' }>, 'at' | 'state'> {
  return { kind: 'job', key, id, name, needs, ...(environment === undefined ? {} : { environment }) };
}
