/** Rows as the rooms see them: times in milliseconds since 1970, releases by number. */

import type { AppSpec } from '../config/types.ts';

export interface AppRow {
  readonly name: string;
  readonly directory: string;
  readonly spec: AppSpec;
}

export interface ReleaseServiceRow {
  readonly service: string;
  readonly repository: string;
  readonly digest: string;
  /** Hash of everything that the image was made of; the same recipe is never built twice. */
  readonly recipe: string;
  readonly built: boolean;
  readonly stoodFor: readonly string[];
}

export interface NewRelease {
  readonly app: string;
  readonly commit: string;
  readonly dirty: boolean;
  /** Hash of commit, config and recipes: the same fingerprint is the same release. */
  readonly fingerprint: string;
  readonly spec: AppSpec;
  readonly actor: string;
  readonly services: readonly ReleaseServiceRow[];
}

export interface ReleaseRow extends NewRelease {
  readonly number: number;
  readonly createdAt: number;
}

export type RolloutKind = 'deploy' | 'promote' | 'rollback';
export type Verdict = 'running' | 'waiting' | 'verified' | 'failed' | 'undone';

/**
 * How far a rollout has come, recorded before the work of that phase begins. A daemon that starts reads it:
 * up to `shift` the old release is whole and the rollout is undone; from `retire` on the new one serves and it is finished.
 */
export type Phase = 'waiting' | 'start' | 'gate' | 'shift' | 'retire' | 'ended';

export interface RolloutRow {
  readonly id: number;
  readonly environment: string;
  readonly release: number;
  readonly from: number | undefined;
  readonly kind: RolloutKind;
  readonly verdict: Verdict;
  readonly phase: Phase;
  readonly actor: string;
  readonly forcedReason: string | undefined;
  readonly reason: string | undefined;
  readonly cut: number;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

export type StepState = 'start' | 'done' | 'failed' | 'skipped';

export interface StepRow {
  readonly seq: number;
  readonly step: string;
  readonly title: string;
  readonly state: StepState;
  readonly startedAt: number;
  readonly ms: number | undefined;
  readonly detail: string | undefined;
}

export interface TrafficRow {
  readonly service: string;
  /** Release id or `none`. */
  readonly release: string;
  readonly served: number;
  readonly errors: number;
  readonly lost: number;
  readonly unseen: number;
  readonly latency: readonly number[];
}

/**
 * `starting`: of a running rollout · `serving`: the record's truth · `paused`: it served, and is stopped so that another may write to its volume; it
 * serves again when the rollout is undone · `retiring`: to be drained, stopped and removed.
 */
export type ReplicaState = 'starting' | 'serving' | 'paused' | 'retiring';

export interface ReplicaRow {
  /** Never reused: part of the container's and the server's name. */
  readonly generation: number;
  readonly environment: string;
  readonly service: string;
  readonly release: number;
  readonly replica: number;
  readonly address: string;
  readonly state: ReplicaState;
  readonly rollout: number;
}

export interface EnvironmentRow {
  readonly name: string;
  readonly release: number | undefined;
  readonly verifiedAt: number | undefined;
}

export interface HoldRow {
  readonly environment: string;
  readonly reason: string;
  readonly actor: string;
  readonly since: number;
}

export interface ApprovalRow {
  readonly id: number;
  readonly subject: ApprovalSubject;
  readonly environment: string;
  readonly needed: number;
  readonly state: 'waiting' | 'approved' | 'rejected';
  readonly requestedAt: number;
  readonly votes: readonly VoteRow[];
}

/** What an approval lets go: a rollout, or a workflow's job that names the environment. */
export type ApprovalSubject =
  | { readonly kind: 'rollout'; readonly rollout: number }
  | { readonly kind: 'job'; readonly run: number; readonly attempt: number; readonly job: string };

export interface VoteRow {
  readonly actor: string;
  readonly approve: boolean;
  /** `cli`, `api`, `web`. */
  readonly via: string;
  readonly comment: string | undefined;
  readonly at: number;
}

export interface PushRow {
  readonly id: number;
  readonly ref: string;
  /** Undefined: the ref was new. */
  readonly before: string | undefined;
  /** Undefined: the ref is gone. */
  readonly after: string | undefined;
  readonly forced: boolean;
  readonly actor: string;
  readonly at: number;
}

export interface NewRun {
  readonly push: number | undefined;
  /** `.github/workflows/delivery.yml`. */
  readonly path: string;
  readonly name: string;
  /** `push`, `pull_request`, `workflow_dispatch`. */
  readonly event: string;
  readonly ref: string;
  readonly sha: string;
  readonly actor: string;
  /** First line of the head commit's message, for people. */
  readonly title: string;
  /** The whole event and the inputs, so that a re-run sees the same. */
  readonly trigger: unknown;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export type RunConclusion = 'success' | 'failure' | 'cancelled' | 'skipped';

export interface RunRow extends NewRun {
  readonly id: number;
  /** Of its workflow, from 1. */
  readonly number: number;
  readonly attempt: number;
  readonly state: 'queued' | 'in_progress' | 'completed';
  readonly conclusion: RunConclusion | undefined;
  readonly reason: string | undefined;
  /** The release that a job of it made, or found made already. */
  readonly release: number | undefined;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

export interface JobRow {
  readonly run: number;
  readonly attempt: number;
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly needs: readonly string[];
  readonly state: 'queued' | 'waiting' | 'in_progress' | 'completed';
  readonly conclusion: RunConclusion | undefined;
  readonly environment: string | undefined;
  readonly matrix: Readonly<Record<string, unknown>> | undefined;
  readonly outputs: Readonly<Record<string, string>>;
  readonly reason: string | undefined;
  readonly startedAt: number | undefined;
  readonly endedAt: number | undefined;
}

export interface JobStepRow {
  readonly job: string;
  readonly number: number;
  readonly name: string;
  readonly state: 'in_progress' | 'completed';
  readonly conclusion: RunConclusion | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

/** A secret (age, armored) or a variable (as it is) of the repository, or of one environment. */
export interface SettingRow {
  readonly kind: 'secret' | 'variable';
  readonly name: string;
  readonly environment: string | undefined;
  readonly value: string;
  readonly actor: string;
  readonly updatedAt: number;
}

/** A browser that is signed in to the console. */
export interface SessionRow {
  /** SHA-256 of the token, in hex. */
  readonly tokenHash: string;
  /** Who asked for the link. */
  readonly actor: string;
  readonly createdAt: number;
  readonly usedAt: number;
  readonly expiresAt: number;
}

export type * from './metrics/types.ts';
