/** A run as its events tell it: jobs, steps and lines, folded one by one. */

import type { Run, RunEvent } from '../../../contract/runs.ts';
import { plain } from './lines.ts';

export interface StepState {
  readonly number: number;
  readonly name: string;
  readonly state: string;
  readonly conclusion: string | null;
}

export interface JobState {
  readonly key: string;
  readonly name: string;
  readonly needs: readonly string[];
  readonly state: string;
  readonly conclusion: string | null;
  readonly environment: string | null;
  readonly reason: string | null;
  readonly steps: Map<number, StepState>;
  readonly lines: RunLine[];
  /** Lines that were let go. */
  dropped: number;
}

export interface RunLine {
  readonly step: number;
  readonly type: string;
  readonly text: string;
  readonly time: string;
}

export interface RunState {
  readonly jobs: Map<string, JobState>;
  readonly approvals: { readonly id: string; readonly environment: string }[];
  state: string | undefined;
  conclusion: string | undefined;
}

/** Of one job; `antler run logs` has them all. */
const KEEP = 20_000;

export function emptyRun(): RunState {
  return { jobs: new Map(), approvals: [], state: undefined, conclusion: undefined };
}

/** Changes what is there: a run has as many lines as there are, and they come by the thousand. */
export function foldRun(run: RunState, event: RunEvent): void {
  switch (event.kind) {
    case 'run':
      run.state = event.state;
      run.conclusion = event.conclusion;
      return;
    case 'job': {
      const { name, needs, state, conclusion = null, environment = null, reason = null } = event;
      const old = run.jobs.get(event.job);
      const kept = { steps: old?.steps ?? new Map<number, StepState>(), lines: old?.lines ?? [], dropped: old?.dropped ?? 0 };
      run.jobs.set(event.job, { key: event.job, name, needs, state, conclusion, environment, reason, ...kept });
      return;
    }
    case 'job-step':
      run.jobs.get(event.job)?.steps.set(event.number, {
        number: event.number,
        name: event.name,
        state: event.state,
        conclusion: event.conclusion ?? null,
      });
      return;
    case 'line': {
      const job = run.jobs.get(event.job);
      if (job === undefined) return;
      job.lines.push({ step: event.step, type: event.type, text: plain(event.text), time: event.time });
      if (job.lines.length > KEEP * 2) job.dropped += job.lines.splice(0, job.lines.length - KEEP).length;
      return;
    }
    case 'waiting':
      if (!run.approvals.some(({ id }) => id === event.approval))
        run.approvals.push({ id: event.approval, environment: event.environment });
      return;
    default:
      event satisfies never;
  }
}

export type Row =
  | { readonly kind: 'step'; readonly id: string; readonly step: StepState; readonly open: boolean }
  | { readonly kind: 'group'; readonly id: string; readonly text: string; readonly open: boolean }
  | { readonly kind: 'line'; readonly line: RunLine; readonly inside: boolean };

/** What is shown of a job: steps, groups and lines, without what is folded. A step is open while it runs and where it failed. Pure. */
export function rowsOf(job: JobState, toggled: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  let current: number | undefined;
  let [stepOpen, groupOpen, group, number] = [true, true, false, 0];
  const begin = (at: number): void => {
    const step = job.steps.get(at) ?? { number: at, name: at === 0 ? 'Set up' : `Step ${at}`, state: 'completed', conclusion: null };
    const id = `s${at}`;
    stepOpen = (step.state !== 'completed' || step.conclusion === 'failure') !== toggled.has(id);
    [current, group, groupOpen] = [at, false, true];
    rows.push({ kind: 'step', id, step, open: stepOpen });
  };
  const seen = new Set<number>();
  const stepsUpTo = (limit: number): void => {
    for (const at of [...job.steps.keys()].sort((a, b) => a - b)) if (at < limit && !seen.has(at)) begin((seen.add(at), at));
  };
  for (const line of job.lines) {
    if (line.step !== current) {
      stepsUpTo(line.step);
      seen.add(line.step);
      begin(line.step);
    }
    if (line.type === 'endgroup') {
      [group, groupOpen] = [false, true];
      continue;
    }
    if (line.type === 'group') {
      const id = `g${number++}`;
      [group, groupOpen] = [true, toggled.has(id)];
      if (stepOpen) rows.push({ kind: 'group', id, text: line.text, open: groupOpen });
      continue;
    }
    if (stepOpen && (!group || groupOpen)) rows.push({ kind: 'line', line, inside: group });
  }
  stepsUpTo(Infinity);
  return rows;
}

/** What is known of a run that nobody follows. */
export function stateOf(run: Run): RunState {
  const state = emptyRun();
  for (const { key, name, needs, state: is, conclusion, environment, reason, steps } of run.jobs) {
    state.jobs.set(key, {
      key,
      name,
      needs,
      state: is,
      conclusion,
      environment,
      reason,
      steps: new Map(steps.map((each) => [each.number, each])),
      lines: [],
      dropped: 0,
    });
  }
  return state;
}
