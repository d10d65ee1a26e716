/** What a workflow's job may ask through its run's own socket: build its commit, move its release, and look. Whatever a job says of itself counts for nothing. */

import type { ProgressEvent } from '../contract/events.ts';
import type { Release } from '../contract/releases.ts';
import { AntlerError } from '../kit/errors.ts';
import { releaseNumber, type JobSubject, type Releases } from '../releases/releases.ts';
import { followRollout } from './follow.ts';
import type { Call, Handlers } from './types.ts';

/** The job behind the socket, as the record has it. */
export interface JobCaller extends JobSubject {
  readonly ref: string;
  /** Whose rules it has passed. */
  readonly environment: string | undefined;
  /** A pull request's job: it may not build or move anything. */
  readonly stranger: boolean;
  /** `ann (run 7, job prod)`. */
  readonly actor: string;
}

export interface JobHandlersOptions {
  readonly job: JobCaller;
  readonly releases: Releases;
  readonly health: Handlers['health'];
  readonly status: Handlers['status'];
  /** The run's release; undefined before it has built one. */
  readonly releaseOf: (run: number) => number | undefined;
  /** Builds the run's commit, never what the job made of it. */
  readonly build: (work: { readonly report: (event: ProgressEvent) => void; readonly signal: AbortSignal }) => Promise<Release>;
}

type JobEndpoint = 'health' | 'build' | 'deploy' | 'promote' | 'receipt' | 'releases' | 'release' | 'status' | 'diff';

export function createJobHandlers(options: JobHandlersOptions): Pick<Handlers, JobEndpoint> {
  const { job, releases } = options;
  const move = async (call: Call<'deploy'> | Call<'promote'>, kind: 'deploy' | 'promote', asked: number | undefined) => {
    const { environment } = call.params;
    const { wait, force } = call.body;
    refuseStranger(job);
    if (force) {
      throw new AntlerError('actions/refused', `Cannot force a rollout of ${environment} from a job: only an operator may`, {
        at: environment,
      });
    }
    releases.requireBranch(environment, job.ref);
    const release = asked ?? options.releaseOf(job.run);
    if (release === undefined && kind === 'deploy') {
      throw new AntlerError('releases/unknown-release', `Cannot deploy to ${environment} as run ${job.run} has built nothing yet`, {
        hint: 'Run `antler build` in a job before this one, or name a release',
      });
    }
    const ask = kind === 'deploy' ? { kind, release } : { kind, ...(release === undefined ? {} : { release }) };
    return followRollout(
      releases,
      { environment, ask, force: false, reason: undefined, actor: job.actor, ...(job.environment === environment ? { passed: job } : {}) },
      { wait, emit: call.emit, signal: call.signal },
    );
  };
  return {
    health: options.health,
    build: async (call) => {
      refuseStranger(job);
      return options.build({ report: (event) => void call.emit(event).catch(() => undefined), signal: call.signal });
    },
    deploy: async (call) => move(call, 'deploy', call.body.release === undefined ? undefined : releaseNumber(call.body.release)),
    promote: async (call) => move(call, 'promote', undefined),
    receipt: async (call) => releases.receipt(call.params.id, call.query.environment),
    releases: async () => ({ releases: [...releases.list()] }),
    release: async (call) => releases.get(call.params.id),
    status: options.status,
    diff: async (call) => releases.diff(call.query.a, call.query.b),
  };
}

function refuseStranger({ stranger }: JobCaller): void {
  if (stranger) throw new AntlerError('actions/refused', 'Cannot build or deploy as this is a pull request’s job');
}
