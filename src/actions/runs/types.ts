/** What the daemon hands to the runs it lets run: its neighbours as interfaces, so that this room knows none of them. */

import type { Clock } from '../../kit/clock.ts';
import type { Repository } from '../../repos/types.ts';
import type { Platform } from '../../store/store.ts';
import type { RunRow } from '../../store/types.ts';
import type { LogLimits } from '../logs/writer.ts';
import type { Sandbox, SandboxRequest, TriggerEvent } from '../types.ts';

/** One job of one attempt. */
export interface JobId {
  readonly run: number;
  readonly attempt: number;
  readonly job: string;
}

export interface RunsOptions {
  readonly store: Platform;
  readonly clock: Clock;
  /** The app's; undefined before there is an app. */
  readonly repository: () => Repository | undefined;
  /** `antler/moose-facts` for `github.repository`. */
  readonly repositoryName: () => string;
  /** Folder of the logs: `<home>/runs`. */
  readonly folder: string;
  /** Of each job's log; 64 MiB and the last lines by default. */
  readonly logLimits?: LogLimits;
  readonly secrets: (environment: string | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly variables: (environment: string | undefined) => Promise<Readonly<Record<string, string>>>;
  readonly protection: Protection;
  readonly openJob: (job: OpenJob, signal: AbortSignal) => Promise<Sandbox>;
  readonly log: (line: string) => void;
  /** The daemon's life. */
  readonly signal: AbortSignal;
}

/** The environments' rules. */
export interface Protection {
  /** Ends when the job may start. */
  admit(
    ask: JobId & { readonly environment: string; readonly ref: string },
    options: { readonly signal: AbortSignal; readonly onWait: (why: string, approval: string | undefined) => void },
  ): Promise<void>;
  /** Where the environment's entry answers for jobs. */
  urlOf(environment: string): string | undefined;
}

/** A place for a job, with the run's socket in it. */
export interface OpenJob extends JobId {
  readonly row: RunRow;
  readonly event: TriggerEvent;
  readonly request: SandboxRequest;
}
