/** What `up` does where the repository has workflows: push the commit, follow the run that delivers it, answer its approvals. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { ProgressEvent, WaitingEvent } from '../contract/events.ts';
import type { Run, RunEvent, RunSummary } from '../contract/runs.ts';
import { AntlerError } from '../kit/errors.ts';
import { createAnswers } from './answers.ts';
import { createQuiet } from './run-quiet.ts';
import type { DeliverOptions } from './deliver.ts';

export interface RunDelivered {
  readonly run: Run;
  /** Environments that its jobs have entered now. */
  readonly moved: readonly string[];
  /** Of the approval that nobody could be asked for. */
  readonly waiting: WaitingEvent | undefined;
}

/** Is there a file that could be a workflow? Whether it runs is for the daemon to say. */
export function hasWorkflows(directory: string): boolean {
  return existsSync(join(directory, '.github/workflows'));
}

/** What is to be done for a commit that was pushed: nothing, follow a run, or have it run again. Pure. */
export type RunPlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'done'; readonly run: RunSummary }
  | { readonly kind: 'follow' | 'again'; readonly run: RunSummary };

/** The newest run that a push of this commit started counts; `runs` come newest first. */
export function planRun(runs: readonly RunSummary[], sha: string): RunPlan {
  const run = runs.find((each) => each.sha === sha && each.event === 'push');
  if (run === undefined) return { kind: 'none' };
  if (run.state !== 'completed') return { kind: 'follow', run };
  return run.conclusion === 'success' || run.conclusion === 'skipped' ? { kind: 'done', run } : { kind: 'again', run };
}

/** Follows one run to its end. Throws `actions/run-failed` with the last lines of what failed. */
export async function followDelivery(id: number, options: DeliverOptions): Promise<RunDelivered> {
  const { client, signal } = options;
  const answers = createAnswers(options);
  const view = createStepView();
  const onEvent = (event: RunEvent): void => {
    for (const shown of view.events(event)) options.onEvent(shown);
    if (event.kind === 'waiting') answers.due(event);
  };
  let run: Run;
  try {
    const query = { follow: 'true' };
    run = await client.stream('followRun', { params: { id: String(id) }, query }, { signal: answers.signal, onEvent });
  } catch (error) {
    if (answers.left() === undefined) throw error;
    return delivered(await client.call('run', { params: { id: String(id) } }, signal), answers.left());
  }
  await answers.given();
  judge(run, view.lastLines());
  return delivered(run, undefined);
}

function delivered(run: Run, waiting: WaitingEvent | undefined): RunDelivered {
  const entered = run.jobs.flatMap(({ environment, conclusion }) =>
    environment !== null && conclusion === 'success' ? [environment] : [],
  );
  return { run, moved: [...new Set(entered)], waiting };
}

function judge(run: Run, lines: readonly string[]): void {
  if (run.conclusion === 'success' || run.conclusion === 'skipped') return;
  const failed = run.jobs.filter(({ conclusion }) => conclusion === 'failure').map(({ name }) => name);
  const why = failed.length === 0 ? (run.reason ?? run.conclusion ?? 'it did not end') : `${failed.join(', ')} failed`;
  throw new AntlerError('actions/run-failed', `Cannot deliver ${run.sha.slice(0, 7)} as run ${run.id} of ${run.workflow} ended: ${why}`, {
    hint: `Type \`antler run logs ${run.id}\``,
    lines,
  });
}

interface StepView {
  events(event: RunEvent): readonly ProgressEvent[];
  /** Of the job that failed, oldest first. */
  lastLines(): readonly string[];
}

const KEPT_LINES = 20;

/** Jobs as the steps that progress shows, their lines as output. */
export function createStepView(): StepView {
  const since = new Map<string, number>();
  const lines = new Map<string, string[]>();
  let failed: string | undefined;
  const isQuiet = createQuiet();
  const jobEvents = (event: Extract<RunEvent, { kind: 'job' }>): ProgressEvent[] => {
    const { time, job, name, reason } = event;
    const step = { kind: 'step', time, step: `run/${job}`, title: name } as const;
    const detail = reason === undefined ? {} : { detail: reason };
    switch (event.state) {
      case 'queued':
      case 'waiting':
        return [];
      case 'in_progress':
        if (since.has(job)) return [];
        since.set(job, Date.parse(time));
        return [{ ...step, state: 'start' }];
      case 'completed': {
        const from = since.get(job);
        const ms = from === undefined ? {} : { ms: Math.max(0, Date.parse(time) - from) };
        if (event.conclusion === 'success') return [{ ...step, ...ms, ...detail, state: 'done' }];
        if (event.conclusion === 'skipped') return [{ ...step, ...detail, state: 'skipped' }];
        failed ??= job;
        return [{ ...step, ...ms, ...detail, state: 'failed' }];
      }
      default:
        return event.state satisfies never;
    }
  };
  return {
    events(event) {
      if (isQuiet(event)) return [];
      switch (event.kind) {
        case 'job':
          return jobEvents(event);
        case 'line': {
          const kept = lines.get(event.job) ?? [];
          lines.set(event.job, [...kept, event.text].slice(-KEPT_LINES));
          return [{ kind: 'output', time: event.time, step: `run/${event.job}`, line: event.text }];
        }
        case 'waiting':
          return [event];
        case 'run':
        case 'job-step':
          return [];
        default:
          return event satisfies never;
      }
    },
    lastLines: () => (failed === undefined ? [] : (lines.get(failed) ?? [])),
  };
}
