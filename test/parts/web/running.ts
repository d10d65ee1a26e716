/** A run that is under way in the fixture's world: one job of it writes what the test says. */

import type { Run, RunEvent, RunSummary } from '../../../src/contract/runs.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { ago } from './fixture.ts';
import { runSummaryOf } from './past.ts';

export const RUNNING = 8;

/** What may be changed while it is followed. */
export interface Running {
  lines: string[];
  state: RunSummary['state'];
}

const JOBS = [
  ['types', [], 'completed'],
  ['tests', [], 'in_progress'],
  ['build', ['types', 'tests'], 'queued'],
] as const;

export function runningSummary({ state }: Running): RunSummary {
  const ended = state === 'completed';
  return runSummaryOf(RUNNING, { state, conclusion: ended ? 'cancelled' : null, endedAt: ended ? ago(0) : null });
}

export function runningRun(running: Running): Run {
  return {
    ...runningSummary(running),
    jobs: JOBS.map(([key, needs, state]) => ({
      key,
      name: key,
      needs: [...needs],
      state: running.state === 'completed' ? 'completed' : state,
      conclusion: state === 'completed' ? 'success' : running.state === 'completed' ? 'cancelled' : null,
      environment: null,
      reason: null,
      startedAt: state === 'queued' ? null : ago(60_000),
      endedAt: state === 'completed' ? ago(30_000) : null,
      steps: [],
    })),
  };
}

/** From the beginning, as a follower is told: what is there, and each line when it comes. */
export async function followRunning(running: Running, emit: (event: RunEvent) => Promise<void>, signal: AbortSignal): Promise<Run> {
  const time = ago(0);
  const tellJobs = async (): Promise<void> => {
    for (const { key, name, needs, state, conclusion } of runningRun(running).jobs)
      await emit({ kind: 'job', time, job: key, name, needs, state, ...(conclusion === null ? {} : { conclusion }) });
  };
  await tellJobs();
  await emit({ kind: 'job-step', time, job: 'tests', number: 1, name: 'npm test', state: 'in_progress' });
  for (let told = 0; running.state !== 'completed' && !signal.aborted; await sleep(50, signal).catch(() => undefined)) {
    for (const text of running.lines.slice(told)) await emit({ kind: 'line', time: ago(0), job: 'tests', step: 1, type: 'output', text });
    told = running.lines.length;
  }
  await tellJobs();
  return runningRun(running);
}
