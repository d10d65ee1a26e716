/** A workflow's job that names an environment waits behind that environment's rules: branches, hold, soak, approvals. */

import { matchesGlob } from 'node:path';

import type { AppSpec, EnvironmentSpec } from '../config/types.ts';
import type { Clock } from '../kit/clock.ts';
import { AntlerError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import { sleep } from '../kit/wait.ts';
import type { Platform } from '../store/store.ts';
import type { ApprovalRow } from '../store/types.ts';
import type { Approvals } from './approvals.ts';
import { approvalId } from './names.ts';
import { protect, refuseHeld, type ProtectInput } from './protect.ts';
import { findEnvironment } from './request.ts';

export interface JobSubject {
  readonly run: number;
  readonly attempt: number;
  /** The job's key in the run. */
  readonly job: string;
}

export interface JobAsk extends JobSubject {
  readonly environment: string;
  /** `refs/heads/main`. */
  readonly ref: string;
}

export interface GateOptions {
  readonly signal: AbortSignal;
  /** What it waits for, for people; with the approval's id where one is due. */
  readonly onWait: (why: string, approval: string | undefined) => void;
}

export interface GateDeps {
  readonly store: Platform;
  readonly clock: Clock;
  readonly approvals: Approvals;
}

/** Ends when the job may start. Throws `releases/branch-refused`, `releases/held`, `releases/not-verified-upstream`, `releases/rejected`. */
export async function admitJob(deps: GateDeps, app: AppSpec, { ask, options }: { ask: JobAsk; options: GateOptions }): Promise<void> {
  const { store, clock, approvals } = deps;
  const environment = findEnvironment(app, ask.environment);
  requireBranch(environment, ask.ref);
  const soakMs = soakOf({ store, environment, release: store.runs.get(ask.run)?.release, now: clock.now() });
  const approval = environment.approve === 0 ? undefined : askOnce(store, ask, environment.approve);
  if (approval?.state === 'rejected') throw new AntlerError('releases/rejected', `Cannot go on as ${approvalId(approval.id)} was refused`);
  const waits: Promise<void>[] = [];
  const leave = new AbortController();
  const signal = AbortSignal.any([options.signal, leave.signal]);
  if (approval?.state === 'waiting') {
    options.onWait(`waits for an approval of ${environment.name}`, approvalId(approval.id));
    waits.push(approvals.wait(approval, signal));
  }
  if (soakMs > 0) {
    options.onWait(`soaks in ${environment.from ?? ''} for ${formatDuration(soakMs)} more`, undefined);
    waits.push(sleep(soakMs, signal));
  }
  try {
    await Promise.all(waits);
  } finally {
    leave.abort();
    await Promise.allSettled(waits);
  }
}

/** Branch rules are for runs; a person at the machine may deploy what they like. Throws `releases/branch-refused`. */
export function requireBranch({ name, branches }: EnvironmentSpec, ref: string): void {
  if (branches === undefined) return;
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : undefined;
  if (branch !== undefined && branches.some((glob) => matchesGlob(branch, glob))) return;
  throw new AntlerError(
    'releases/branch-refused',
    `Cannot deploy ${branch ?? ref} to ${name} as only runs of ${branches.join(', ')} may go there`,
    { at: name },
  );
}

interface SoakInput {
  readonly store: Platform;
  readonly environment: EnvironmentSpec;
  /** The run's; nothing soaks before there is one. */
  readonly release: number | undefined;
  readonly now: number;
}

function soakOf({ store, environment, release, now }: SoakInput): number {
  const here = standing(store, environment);
  if (release !== undefined)
    return protect({ ...here, environment, release, kind: 'promote', force: false, reason: undefined, now }).soakMs;
  refuseHeld(here.hold);
  return 0;
}

/** What the record says of an environment and of the one before it. */
export function standing(store: Platform, environment: EnvironmentSpec): Pick<ProtectInput, 'hold' | 'first' | 'upstream' | 'upstreamNow'> {
  const { name, from } = environment;
  return {
    hold: store.environments.holdOf(name),
    first: store.environments.get(name).release === undefined,
    upstream: from === undefined ? [] : store.rollouts.verified(from),
    upstreamNow: from === undefined ? undefined : store.environments.get(from),
  };
}

/** After a restart of the daemon the question that was asked stands. */
function askOnce(store: Platform, { run, attempt, job, environment }: JobAsk, needed: number): ApprovalRow {
  const subject = { kind: 'job', run, attempt, job } as const;
  return store.approvals.ofJob(subject) ?? store.approvals.request({ subject, environment, needed });
}
