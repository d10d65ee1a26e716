/** One job while it runs: what its steps share, and the contexts that their expressions see. */

import type { JobSpec, MatrixCell, RunDefaults, Scope, StepSpec } from '../model.ts';
import type { ExecuteRequest, JobResult, Sandbox } from '../types.ts';
import { hashFiles } from './hash-files.ts';
import type { Matchers } from './matchers.ts';
import type { StepFiles } from './step-files.ts';
import type { Teller } from './teller.ts';

/** How a step ended by itself, and as what it counts (`continue-on-error`). */
export interface StepResult {
  readonly outcome: Ended;
  readonly conclusion: Ended;
  readonly outputs: Readonly<Record<string, string>>;
}

export type Ended = 'success' | 'failure' | 'cancelled' | 'skipped';

/** What a job is made of before it has its place. */
export interface JobFacts {
  readonly request: ExecuteRequest;
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly matrix: MatrixCell | undefined;
  readonly strategy: object;
  readonly needs: Readonly<Record<string, NeedResult>>;
  readonly github: Readonly<Record<string, unknown>>;
}

export interface JobRequest extends JobFacts {
  readonly spec: JobSpec;
  /** What its own keys see: no steps, no place yet. */
  readonly scope: Scope;
  /** Of the run's vars. */
  readonly vars: Readonly<Record<string, string>>;
  /** Cancels the job; its reason is for people where it is text. */
  readonly signal: AbortSignal;
}

export interface NeedResult {
  readonly result: JobResult['conclusion'];
  readonly outputs: Readonly<Record<string, string>>;
}

export interface JobState extends JobFacts {
  readonly sandbox: Sandbox;
  readonly runner: Readonly<Record<string, unknown>>;
  readonly teller: Teller;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly defaults: RunDefaults;
  /** Of the workflow and the job, and what steps added. */
  readonly env: Record<string, string>;
  /** What every process gets and no expression sees. */
  readonly hidden: Readonly<Record<string, string>>;
  /** What steps put before PATH; the last one comes first. */
  readonly path: string[];
  /** Run in reverse order when the steps are over. */
  readonly posts: Post[];
  /** Cancelled by a person, by fail-fast, or as its time is over. */
  readonly cancel: AbortSignal;
  /** So long after that everything ends. */
  readonly hard: AbortSignal;
  readonly matchers: Matchers;
  /** Programs that were looked for: where they are. */
  readonly programs: Map<string, string | undefined>;
  /** Runs the steps of a composite action. */
  readonly runSteps: (frame: Frame, steps: readonly StepSpec[]) => Promise<void>;
  /** The step that ended as the job's memory did, where that was what failed it; for people. */
  starved: string | undefined;
  number: number;
  files: number;
  failed: boolean;
}

/** Something to do after the last step. */
export interface Post {
  readonly name: string;
  /** The text of `post-if`; always() by default. */
  readonly condition: string | undefined;
  readonly run: Handler;
  readonly frame: Frame;
  readonly spec: StepSpec;
}

/** The steps of a job, or those of a composite action inside of one of them. */
export interface Frame {
  readonly steps: Record<string, StepResult>;
  readonly inputs: Readonly<Record<string, unknown>>;
  /** More of the `github` context: `action_path`. */
  readonly github: Readonly<Record<string, unknown>>;
  /** What the steps that called the composite action set themselves: it lies over the job's environment, as that is now. */
  readonly env: Readonly<Record<string, string>>;
  readonly depth: number;
  /** Of the step that called the composite action: with it everything inside ends. */
  readonly signal?: AbortSignal;
  /** Of a composite action: its lines belong to the step that called it. */
  readonly number?: number;
  failed: boolean;
}

export interface StepContext {
  readonly job: JobState;
  readonly frame: Frame;
  readonly spec: StepSpec;
  readonly number: number;
  readonly name: string;
  /** The `env` context here: job, caller, step. */
  readonly env: Readonly<Record<string, string>>;
  /** The caller's and the step's part of it. */
  readonly ownEnv: Readonly<Record<string, string>>;
  readonly scope: Scope;
  /** The step ends: its time is over, or the job was cancelled. */
  readonly signal: AbortSignal;
  /** Through which it speaks to us. */
  readonly files: StepFiles;
  readonly outputs: Map<string, string>;
  readonly state: Map<string, string>;
}

/** Does a step's work. A thrown error is told and fails the step. */
export type Handler = (context: StepContext) => Promise<'success' | 'failure'>;

export function scopeOf(job: JobState, frame: Frame, env: Readonly<Record<string, string>>): Scope {
  const cancelled = job.cancel.aborted;
  return {
    contexts: {
      github: { ...job.github, ...frame.github },
      env,
      job: { status: cancelled ? 'cancelled' : job.failed ? 'failure' : 'success', container: {}, services: {} },
      jobs: {},
      steps: frame.steps,
      matrix: job.matrix ?? {},
      needs: job.needs,
      secrets: job.secrets,
      vars: job.vars,
      inputs: frame.inputs,
      runner: job.runner,
      strategy: job.strategy,
    },
    // Inside of an action success() and failure() ask for the action, also where an `if: always()` step of a cancelled job called it.
    status:
      frame.depth === 0
        ? { success: !job.failed && !cancelled, failure: job.failed && !cancelled, cancelled }
        : { success: !frame.failed, failure: frame.failed, cancelled },
    hashFiles: (patterns) =>
      hashFiles({ folder: job.sandbox.toHost(job.sandbox.paths.workspace), path: job.sandbox.paths.workspace }, patterns),
  };
}
