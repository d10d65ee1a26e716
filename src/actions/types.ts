/** The actions room's words for others: why a run starts, what is told of it, and what it needs from whoever lets it run. */

import type { MatrixCell, Workflow } from './model.ts';

export type EventName = 'push' | 'pull_request' | 'workflow_dispatch';

/** Why a run starts. */
export interface TriggerEvent {
  readonly name: EventName;
  /** `refs/heads/main`, `refs/tags/v1`, `refs/pull/3/head`. */
  readonly ref: string;
  readonly sha: string;
  /** Of a pull request: branch names. */
  readonly baseRef?: string;
  readonly headRef?: string;
  readonly actor: string;
  /** Who asked for this attempt, where that is another. */
  readonly triggeringActor?: string;
  /** The head commit's message, for `[skip ci]` and its kin; `payload.head_commit.message` by default. */
  readonly message?: string;
  /** `github.event`, as GitHub words it. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** Files that differ, for path filters; undefined: not known, so that path filters let it through as GitHub does. */
  readonly changed?: readonly string[];
}

export type Conclusion = 'success' | 'failure' | 'cancelled' | 'skipped';
export type RunState = 'queued' | 'in_progress' | 'completed';
export type JobState = 'queued' | 'waiting' | 'in_progress' | 'completed';

/** What the run's owner is told, in order; it records each before anybody hears of it. Times in milliseconds since 1970. */
export type RunRecord =
  | { readonly kind: 'run'; readonly at: number; readonly state: RunState; readonly conclusion?: Conclusion; readonly name?: string }
  | JobRecord
  | StepRecord;

export interface JobRecord {
  readonly kind: 'job';
  readonly at: number;
  /** Unique in the run: the job's id, for a cell of a matrix `id (1)`, counted from 1. */
  readonly key: string;
  /** The id in the file. */
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  readonly state: JobState;
  readonly conclusion?: Conclusion;
  readonly environment?: string;
  readonly matrix?: MatrixCell;
  readonly outputs?: Readonly<Record<string, string>>;
  /** Why it waits, was skipped or failed before its first step; for people. */
  readonly reason?: string;
}

export interface StepRecord {
  readonly kind: 'step';
  readonly at: number;
  readonly job: string;
  /** From 1: `Set up job`. */
  readonly number: number;
  readonly name: string;
  readonly state: 'in_progress' | 'completed';
  readonly conclusion?: Conclusion;
}

/** One line of a job's log, masked. */
export interface RunLine {
  readonly at: number;
  readonly job: string;
  readonly step: number;
  readonly kind: 'output' | 'command' | 'group' | 'endgroup' | 'error' | 'warning' | 'notice' | 'debug' | 'system';
  readonly text: string;
  /** Of error, warning and notice: where, as the workflow command said. */
  readonly where?: Readonly<Record<string, string>>;
}

/** What a run needs from whoever lets it run: the daemon, or the CLI for `antler run`. */
export interface RunHost {
  record(event: RunRecord): Promise<void>;
  /** A slow reader slows the step down, never the machine. */
  line(line: RunLine): Promise<void> | void;
  /** Before a job with `environment:` may start: approvals, branch rules, soak. Throws `actions/refused`. */
  gate(request: GateRequest, signal: AbortSignal): Promise<Gate>;
  /** The secrets of the repository, and of the environment where the job names one. */
  secrets(environment: string | undefined): Promise<Readonly<Record<string, string>>>;
  vars(environment: string | undefined): Promise<Readonly<Record<string, string>>>;
  /** The place where a job runs; waits until memory and processor are free. Throws `actions/no-runner` for labels that nobody serves. */
  sandbox(request: SandboxRequest, signal: AbortSignal): Promise<Sandbox>;
  /**
   * `concurrency`, of the workflow (no `job`) or of a job: waits until the group is free. GitHub's rules: one runs, one waits; a newer one takes the
   * place of the one that waits (`actions/superseded`), and with `cancelInProgress` ends the one that runs, by its lease's signal.
   */
  enter(request: ConcurrencyRequest, signal: AbortSignal): Promise<Lease>;
  /** Puts a commit of this repository into a folder on the machine. */
  checkout(request: CheckoutRequest, signal: AbortSignal): Promise<CheckedOut>;
}

export interface ConcurrencyRequest {
  readonly group: string;
  readonly cancelInProgress: boolean;
  /** Key of the job; absent for the whole run. */
  readonly job?: string;
}

/** Disposing frees the group. */
export interface Lease extends Disposable {
  /** Aborted when a newer one of the group ends this one. */
  readonly signal: AbortSignal;
}

export interface GateRequest {
  readonly job: string;
  readonly environment: string;
}

export interface Gate {
  /** Where the environment's entry answers for this job; becomes ANTLER_URL. */
  readonly url?: string;
}

export interface SandboxRequest {
  readonly job: string;
  /** `ubuntu-latest`, `self-hosted`, … */
  readonly labels: readonly string[];
  readonly container?: ContainerRequest;
  readonly environment?: string;
  /** What is done for the place, live: an image may take minutes. */
  readonly onLine: (text: string) => void;
  /** Why it has no place yet; each new reason. */
  readonly onWait: (reason: string) => void;
}

export interface ContainerRequest {
  readonly image: string;
  /** Of the place that is being made: it may name its runner. */
  readonly env: (place: Pick<Sandbox, 'name' | 'arch' | 'paths'>) => Readonly<Record<string, string>>;
}

/** One job's place: its folders, and processes in it. Disposing ends what still runs and removes it. */
export interface Sandbox extends AsyncDisposable {
  readonly kind: 'host' | 'container';
  readonly name: string;
  /** `X64`, `ARM64`. */
  readonly arch: string;
  /** As steps see them, absolute. */
  readonly paths: SandboxPaths;
  /** What each process begins with: PATH, HOME, LANG, and what the place itself gives. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes that the job may use; undefined where the machine alone is the limit. */
  readonly memory?: number;
  /** Aborted where the place had to end its job and is gone; the reason is an `AntlerError`. */
  readonly ended?: AbortSignal;
  /** Where a path below one of `paths` lies on the machine. */
  toHost(path: string): string;
  /** After files were written on the machine: steps may read and write them. */
  handOver(hostPath: string, signal: AbortSignal): Promise<void>;
  /** Runs one process to its end. The signal starts the ladder: SIGINT, SIGTERM, then the whole tree is killed. */
  exec(request: SandboxExec): Promise<SandboxExit>;
}

export interface SandboxPaths {
  readonly workspace: string;
  readonly temp: string;
  readonly toolCache: string;
  /** The runner's own files: command files, scripts, actions. */
  readonly runner: string;
}

export interface SandboxExec {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** The next chunk is read when the promise is done. */
  readonly onOutput: (chunk: Uint8Array, stream: 'stdout' | 'stderr') => Promise<void> | void;
  readonly signal: AbortSignal;
}

export interface SandboxExit {
  /** 128 + signal where it was killed. */
  readonly exitCode: number;
  /** `oom`: the kernel killed something of it, as the job had used up its memory. */
  readonly reason: 'done' | 'canceled' | 'oom';
}

export interface CheckoutRequest {
  readonly job: string;
  /** On the machine; empty or absent. */
  readonly directory: string;
  /** Branch, tag or commit; the run's own commit by default. */
  readonly ref?: string;
  /** 0: the whole history. */
  readonly depth: number;
  readonly tags: boolean;
}

export interface CheckedOut {
  readonly sha: string;
  readonly ref: string;
}

/** What names a run, for contexts and for people. */
export interface RunIdentity {
  readonly id: number;
  /** From 1; a re-run counts on. */
  readonly attempt: number;
  /** Of this workflow, from 1. */
  readonly number: number;
  /** `owner/name` for `github.repository`. */
  readonly repository: string;
  /** `http://antler.localhost`: the toolkit takes `*.localhost` for GitHub. */
  readonly serverUrl: string;
}

export interface ExecuteRequest {
  readonly workflow: Workflow;
  readonly event: TriggerEvent;
  readonly identity: RunIdentity;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly host: RunHost;
  /** Only these jobs, and what they need; all by default. */
  readonly only?: readonly string[];
  /** Only matrix cells that match: `node` → `24`. */
  readonly matrix?: Readonly<Record<string, string>>;
  /** More environment for every step. */
  readonly env?: Readonly<Record<string, string>>;
  /** Results of an earlier attempt that count as they are, by job key. */
  readonly before?: ReadonlyMap<string, JobResult>;
  /** Cancels the run: steps get the ladder, jobs with always() still run. A second, hard end is the process's own. */
  readonly signal: AbortSignal;
  readonly debug?: boolean;
}

export interface JobResult {
  readonly conclusion: Conclusion;
  readonly outputs: Readonly<Record<string, string>>;
}

export interface RunResult {
  readonly conclusion: Conclusion;
  /** Where another run took its place; for people. */
  readonly reason?: string;
  readonly jobs: ReadonlyMap<string, JobResult>;
}
