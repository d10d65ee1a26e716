/** What the daemon gives to a run: records before anybody hears, logs, rules, secrets, and places for its jobs. */

import type { RunEvent } from '../../contract/runs.ts';
import { isoTime } from '../../kit/clock.ts';
import { AntlerError } from '../../kit/errors.ts';
import type { Feed } from '../../kit/feed.ts';
import type { RunRow } from '../../store/types.ts';
import type { CheckedOut, CheckoutRequest, Gate, GateRequest, RunHost, RunRecord, TriggerEvent } from '../types.ts';
import type { Groups } from './groups.ts';
import type { RunLogs } from './logs.ts';
import { whenThereIsRoom } from './room.ts';
import type { RunsOptions } from './types.ts';
import { toEvent } from './view.ts';

export interface HostOptions extends RunsOptions {
  readonly run: RunRow;
  readonly event: TriggerEvent;
  readonly feed: Feed<RunEvent>;
  readonly groups: Groups;
  readonly logs: RunLogs;
}

export function createHost(options: HostOptions): RunHost {
  const { run, event, feed } = options;
  const { id, attempt } = run;
  /** A pull request's job gets no secret and enters no environment: its code has been seen by nobody yet. */
  const stranger = event.name === 'pull_request';
  return {
    async record(record) {
      // The daemon stops: what it leaves stands in the record as it was, for the next one to decide.
      if (options.signal.aborted) return;
      // The last lines are in the log before anybody hears that a step or a job has ended.
      if (record.kind === 'job' && record.state === 'completed') await options.logs.closeJob({ run: id, attempt, job: record.key });
      if (record.kind === 'step' && record.state === 'completed') await options.logs.flush({ run: id, attempt, job: record.job });
      await whenThereIsRoom(() => write(options, record), options.signal);
      if (record.kind === 'run' && record.state === 'completed') return; // told when its end is recorded, with the reason
      feed.push(toEvent(record, run));
    },
    line: (line) => options.logs.write({ run: id, attempt, job: line.job }, line),
    async gate(request, signal): Promise<Gate> {
      if (stranger)
        throw new AntlerError('actions/refused', `Cannot enter ${request.environment} as a pull request’s job may not deploy`, {
          at: request.job,
        });
      await options.protection.admit(
        { run: id, attempt, job: request.job, environment: request.environment, ref: event.ref },
        { signal, onWait: (why, approval) => tellWait(options, request, { why, approval }) },
      );
      const url = options.protection.urlOf(request.environment);
      return url === undefined ? {} : { url };
    },
    secrets: async (environment) => (stranger ? {} : options.secrets(environment)),
    vars: async (environment) => options.variables(environment),
    sandbox: async (request, signal) => options.openJob({ run: id, attempt, job: request.job, row: run, event, request }, signal),
    enter: async (request, signal) => {
      const who = request.job === undefined ? `run ${id}` : `${request.job} of run ${id}`;
      return options.groups.enter({ ...request, who }, signal);
    },
    checkout: async (request, signal) => checkout(options, request, signal),
  };
}

function write({ store, run }: HostOptions, record: RunRecord): void {
  const { id, attempt } = run;
  switch (record.kind) {
    case 'run':
      if (record.state === 'in_progress') store.runs.start(id);
      return; // its end is written by whoever runs it, with the reason
    case 'job': {
      const { kind: _kind, at: _at, ...job } = record;
      store.runs.putJob({
        run: id,
        attempt,
        ...job,
        conclusion: job.conclusion,
        environment: job.environment,
        matrix: job.matrix,
        outputs: job.outputs ?? {},
        reason: job.reason,
      });
      if (record.state === 'completed') closeApproval(store, { run: id, attempt, job: record.key });
      return;
    }
    case 'step': {
      const { job, number, name, state, conclusion } = record;
      store.runs.putStep({ run: id, attempt }, { job, number, name, state, conclusion });
      return;
    }
    default:
      record satisfies never;
  }
}

/** A job that ended while it waited needs no answer any more. */
function closeApproval(store: HostOptions['store'], job: { readonly run: number; readonly attempt: number; readonly job: string }): void {
  const approval = store.approvals.ofJob(job);
  if (approval?.state === 'waiting') store.approvals.close(approval.id);
}

interface Waiting {
  readonly why: string;
  readonly approval: string | undefined;
}

function tellWait({ run, store, feed, clock }: HostOptions, { job, environment }: GateRequest, { why, approval }: Waiting): void {
  const time = isoTime(clock.now());
  const row = store.runs.jobs(run.id, run.attempt).find((each) => each.key === job);
  if (row !== undefined) store.runs.putJob({ ...row, state: 'waiting', reason: why });
  // Where somebody is asked, the question says it all.
  const reason = approval === undefined ? { reason: why } : {};
  feed.push({ kind: 'job', time, job, name: row?.name ?? job, needs: [...(row?.needs ?? [])], state: 'waiting', environment, ...reason });
  if (approval === undefined) return;
  const release = store.runs.get(run.id)?.release;
  feed.push({ kind: 'waiting', time, approval, environment, release: release === undefined ? `run ${run.id}` : `r${release}` });
}

async function checkout({ event, repository }: HostOptions, request: CheckoutRequest, signal: AbortSignal): Promise<CheckedOut> {
  const repo = repository();
  if (repo === undefined) throw new AntlerError('instance/absent', 'Cannot check anything out as this instance has no repository yet');
  const sha = request.ref === undefined ? event.sha : await repo.resolve(request.ref, signal);
  const ref = request.ref ?? event.ref;
  const { directory, depth, tags } = request;
  await repo.checkout({ directory, sha, ref: ref.startsWith('refs/heads/') ? ref : undefined, depth, tags }, signal);
  return { sha, ref };
}
