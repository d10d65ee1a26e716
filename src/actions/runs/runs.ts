/** The daemon's runs: started by pushes and people, recorded, followed, canceled, run again, and taken up after the daemon was away. */

import type { Run, RunEvent, RunSummary } from '../../contract/runs.ts';
import { AntlerError, isAbort, toAntlerError } from '../../kit/errors.ts';
import { createFeed, type Feed } from '../../kit/feed.ts';
import type { Pushed } from '../../repos/types.ts';
import type { JobRow, RunRow } from '../../store/types.ts';
import { execute } from '../run/execute.ts';
import type { JobResult, TriggerEvent } from '../types.ts';
import { beginDispatch, beginRuns, readAgain, type Started } from './begin.ts';
import { dispatchCause, pushCauses, SERVER_URL, type Cause } from './events.ts';
import { followRun } from './follow.ts';
import { createGroups } from './groups.ts';
import { createHost } from './host.ts';
import { createRunLogs } from './logs.ts';
import { reclaimLogs } from './reclaim.ts';
import { decideResume } from './resume.ts';
import { whenThereIsRoom } from './room.ts';
import type { RunsOptions } from './types.ts';
import { endEvent, pastEvents, toRun, toSummary } from './view.ts';

export interface Runs {
  /** Records a push and starts what it starts. */
  pushed(pushed: Pushed, actor: string): Promise<{ readonly runs: readonly number[]; readonly messages: readonly string[] }>;
  /** Throws `actions/unknown-workflow`, `actions/refused`, `repos/unknown-ref`, and what is wrong with the inputs. */
  dispatch(request: DispatchRequest): Promise<Run>;
  list(limit: number): readonly RunSummary[];
  /** Throws `actions/unknown-run`. */
  get(id: number): Run;
  row(id: number): RunRow;
  follow(id: number, options: FollowOptions): AsyncIterable<RunEvent>;
  /** Throws `actions/run-state` where it has ended. */
  cancel(id: number, actor: string): Run;
  /** Throws `actions/run-state` where it has not ended. */
  rerun(id: number, options: { readonly failed: boolean; readonly actor: string }): Promise<Run>;
  /** What a job built. */
  setRelease(id: number, release: number): void;
  /** After a start of the daemon: runs that only waited go on, others are marked. */
  start(): Promise<void>;
  /** Ends when every run has. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface DispatchRequest {
  readonly workflow: string;
  readonly ref: string | undefined;
  readonly inputs: Readonly<Record<string, string>>;
  readonly actor: string;
}

export interface FollowOptions {
  readonly follow: boolean;
  readonly job: string | undefined;
  readonly signal: AbortSignal;
}

interface Live {
  readonly feed: Feed<RunEvent>;
  readonly cancel: AbortController;
  readonly done: Promise<void>;
}

export function createRuns(options: RunsOptions): Runs {
  const { store, clock, signal, log } = options;
  const lives = new Map<number, Live>();
  const groups = createGroups();
  const logs = createRunLogs(options.folder, options.logLimits);

  const row = (id: number): RunRow => {
    const found = store.runs.get(id);
    if (found === undefined) throw new AntlerError('actions/unknown-run', `Cannot find the run ${id}`);
    return found;
  };
  const get = (id: number): Run => {
    const found = row(id);
    return toRun(found, store.runs.jobs(id, found.attempt), store.runs.steps(id, found.attempt));
  };
  const repository = () => {
    const found = options.repository();
    if (found === undefined) throw new AntlerError('instance/absent', 'Cannot run a workflow as this instance has no repository yet');
    return found;
  };

  /** A full disk or a foreign file is no reason to fail a run. */
  const reclaim = async (): Promise<void> =>
    reclaimLogs({ folder: options.folder, runs: store.runs, clock }).catch((error: unknown) =>
      log(`cannot remove old logs: ${toAntlerError(error).message}`),
    );

  const carryOut = async (started: Started, live: Pick<Live, 'feed' | 'cancel'>, before: ReadonlyMap<string, JobResult>): Promise<void> => {
    const { row: run, workflow, event } = started;
    const { feed, cancel } = live;
    try {
      const { conclusion, reason } = await execute({
        workflow,
        event,
        identity: {
          id: run.id,
          attempt: run.attempt,
          number: run.number,
          repository: options.repositoryName(),
          serverUrl: SERVER_URL,
        },
        inputs: run.inputs,
        before,
        host: createHost({ ...options, run, event, feed, groups, logs }),
        signal: AbortSignal.any([cancel.signal, signal]),
      });
      signal.throwIfAborted();
      await whenThereIsRoom(() => store.runs.end(run.id, { conclusion, reason }), signal);
    } catch (error) {
      if (signal.aborted) throw error; // the daemon stops: `start` decides from the record
      const { message } = toAntlerError(error);
      if (!isAbort(error)) log(`run ${run.id}: ${message}`);
      const conclusion = cancel.signal.aborted ? 'cancelled' : 'failure';
      await whenThereIsRoom(() => store.runs.end(run.id, { conclusion, reason: message }), signal);
    } finally {
      const ended = row(run.id);
      if (ended.state === 'completed') feed.push(endEvent(ended));
      feed.close();
      await logs.close(run.id);
      lives.delete(run.id);
      await reclaim();
    }
  };

  const set = (started: Started, before: ReadonlyMap<string, JobResult> = new Map()): void => {
    const feed = createFeed<RunEvent>();
    const cancel = new AbortController();
    const done = carryOut(started, { feed, cancel }, before);
    done.catch((error: unknown) => {
      if (!signal.aborted) log(`run ${started.row.id}: ${toAntlerError(error).message}`);
    });
    lives.set(started.row.id, { feed, cancel, done });
  };

  const beginAll = async (causes: readonly Cause[]) => {
    const runs: number[] = [];
    const messages: string[] = [];
    for (const each of causes) {
      const begun = await beginRuns({ store, repository: repository(), signal, ...each });
      for (const started of begun.started) set(started);
      runs.push(...begun.started.map((started) => started.row.id), ...begun.broken.map(({ id }) => id));
      messages.push(...begun.messages);
    }
    return { runs, messages };
  };

  return {
    get,
    row,
    async pushed(pushed, actor) {
      return beginAll(await pushCauses({ store, repository: repository(), name: options.repositoryName(), pushed, actor, signal }));
    },
    async dispatch({ workflow, ref, inputs, actor }) {
      const repo = repository();
      const { event, title } = await dispatchCause({ repository: repo, name: options.repositoryName(), ref, actor, signal });
      const started = await beginDispatch({ store, repository: repo, event, title, workflow, inputs, signal });
      set(started);
      return get(started.row.id);
    },
    list: (limit) => store.runs.list(limit).map(toSummary),
    follow(id, { follow, job, signal: following }) {
      const run = row(id);
      const live = lives.get(id);
      const states =
        follow && live !== undefined
          ? live.feed.events(following)
          : pastEvents(run, store.runs.jobs(id, run.attempt), store.runs.steps(id, run.attempt));
      return followRun({ run, states, logs, job, signal: following });
    },
    cancel(id, actor) {
      const run = row(id);
      const live = lives.get(id);
      if (live === undefined || run.state === 'completed')
        throw new AntlerError('actions/run-state', `Cannot cancel run ${id} as it has ended: ${run.conclusion ?? 'unknown'}`);
      log(`run ${id} is canceled by ${actor}`);
      live.cancel.abort();
      return get(id);
    },
    async rerun(id, { failed, actor }) {
      const run = row(id);
      if (run.state !== 'completed' || lives.has(id))
        throw new AntlerError('actions/run-state', `Cannot run ${id} again as it has not ended`, {
          hint: `Type \`antler run logs ${id} -f\``,
        });
      const { workflow, event } = await readAgain(repository(), run, signal);
      const before = failed ? resultsThatCount(store.runs.jobs(id, run.attempt)) : new Map<string, JobResult>();
      // Kept with the run: a daemon that starts anew takes it up as it was.
      const trigger: TriggerEvent = { ...event, triggeringActor: actor };
      const again = store.runs.again(id, trigger);
      log(`run ${id} runs again as attempt ${again.attempt}, asked by ${actor}`);
      set({ row: again, workflow, event: trigger }, before);
      return get(id);
    },
    setRelease: (id, release) => store.runs.setRelease(id, release),
    async start() {
      await reclaim();
      for (const run of store.runs.open()) {
        const decision = decideResume(run, store.runs.jobs(run.id, run.attempt));
        if (decision.kind === 'mark') {
          for (const job of decision.jobs) store.runs.putJob(job);
          store.runs.end(run.id, { conclusion: 'failure', reason: decision.reason });
          continue;
        }
        try {
          set(await readAgain(repository(), run, signal), decision.before);
        } catch (error) {
          store.runs.end(run.id, { conclusion: 'failure', reason: toAntlerError(error).message });
        }
      }
    },
    async [Symbol.asyncDispose]() {
      await Promise.allSettled([...lives.values()].map(async ({ done }) => done));
    },
  };
}

/** Successes, and what needed only successes: the rest runs again. */
export function resultsThatCount(jobs: readonly JobRow[]): ReadonlyMap<string, JobResult> {
  const byId = new Map<string, JobRow[]>();
  for (const job of jobs) byId.set(job.id, [...(byId.get(job.id) ?? []), job]);
  const well = new Map<string, boolean>();
  const isWell = (id: string): boolean => {
    const known = well.get(id);
    if (known !== undefined) return known;
    const rows = byId.get(id) ?? [];
    const answer = rows.every((job) => job.conclusion === 'success' && job.needs.every(isWell));
    well.set(id, answer);
    return answer;
  };
  const counting = jobs.filter((job) => job.conclusion === 'success' && job.needs.every(isWell));
  return new Map(counting.map(({ key, outputs }) => [key, { conclusion: 'success', outputs }]));
}
