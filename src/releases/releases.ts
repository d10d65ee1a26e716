/** The door: a release is made once, then only moved; every move leaves a receipt. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { ProgressEvent } from '../contract/events.ts';
import type { Diff, Receipt, Release } from '../contract/releases.ts';
import type { Status } from '../contract/status.ts';
import { AntlerError } from '../kit/errors.ts';
import { readCheckout } from '../repos/repos.ts';
import type { RolloutRow } from '../store/types.ts';
import { subjectOf, type Vote } from './approvals.ts';
import { buildRelease, checkApp } from './build.ts';
import { converge, dropGone, remakeReplica, type ConvergeOptions } from './converge.ts';
import { admitJob, requireBranch, type GateOptions, type JobAsk } from './gate.ts';
import { approvalId, containerName, releaseNumber } from './names.ts';
import { toDiff, toReceipt, toRelease } from './receipt.ts';
import { findEnvironment } from './request.ts';
import { withDeployed } from './pushed.ts';
import { createRollouts, type RolloutRequest, type Running } from './rollouts.ts';
import { createServing } from './serving.ts';
import { readStatus, type Observed } from './status.ts';
import type { Serving } from './types.ts';
import type { Neighbours } from './work.ts';

export type { JobAsk, JobSubject } from './gate.ts';
export type { RolloutRequest, Running } from './rollouts.ts';
export { releaseNumber } from './names.ts';
export { probe } from './probe.ts';
export { mergePushed } from './pushed.ts';

export interface ReleasesOptions extends Neighbours {
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
  readonly urlOf: (environment: string) => string | null;
  readonly log: (line: string) => void;
  /** The daemon's life. */
  readonly signal: AbortSignal;
}

export interface BuildRequest {
  readonly spec: AppSpec;
  readonly directory: string;
  readonly actor: string;
  readonly report: (event: ProgressEvent) => void;
  readonly signal: AbortSignal;
}

export interface ApprovalAnswer {
  readonly id: string;
  readonly environment: string;
  /** Null where a job waits before anything was built. */
  readonly release: string | null;
  readonly run: number | null;
  readonly state: 'waiting' | 'approved' | 'rejected';
}

export interface Releases {
  /** Takes a config over as the app's. Throws `releases/other-app`. */
  setApp(app: { readonly spec: AppSpec; readonly directory: string }): void;
  /** The app's config as it was taken over last. Throws `instance/absent` where none was. */
  app(): AppSpec;
  build(request: BuildRequest): Promise<Release>;
  begin(request: RolloutRequest): Promise<Running>;
  /** The receipt of a rollout, whatever its state. */
  receiptOf(rollout: number): Receipt;
  /** The last rollout of the environment to the release. Throws `releases/no-receipt`. */
  receipt(release: string, environment: string): Receipt;
  /** Of all rollouts, or of some; the newest first. */
  receipts(wanted: {
    readonly environment?: string | undefined;
    readonly release?: string | undefined;
    readonly limit: number;
  }): readonly Receipt[];
  vote(id: string, vote: Vote): ApprovalAnswer;
  /** The service to which the environment's port leads now. */
  exposed(environment: string): string | undefined;
  /** The config with the services of releases that environments run, or that are on their way to one. */
  withDeployed(spec: AppSpec): AppSpec;
  /** Ends when a workflow's job may start in the environment. Throws `releases/branch-refused`, `releases/held`, `releases/rejected`, … */
  admitJob(ask: JobAsk, options: GateOptions): Promise<void>;
  /** Throws `releases/branch-refused`, `releases/unknown-environment`. */
  requireBranch(environment: string, ref: string): void;
  hold(environment: string, hold: { readonly reason: string; readonly actor: string } | undefined): void;
  list(): readonly Release[];
  get(id: string): Release;
  diff(a: string, b: string): Diff;
  /** The record as a board, set against what was observed. */
  status(observed: Observed): Status;
  /** What shall serve, and where it answers; the same object until something changes. */
  serving(): Serving;
  /** After a start: engine and edge as the record says, then what a killed daemon left is finished or undone. */
  start(): Promise<void>;
  /** After a config was taken over: the containers of environments that it no longer has go. */
  dropGone(): Promise<void>;
  /** Should this container run, by the record? */
  wantsRunning(container: string): boolean;
  /** Makes a container again that somebody removed. */
  recreate(container: string, signal: AbortSignal): Promise<void>;
}

export function createReleases(options: ReleasesOptions): Releases {
  const { store, signal, topology } = options;
  const rollouts = createRollouts(options);
  const convergeOptions: ConvergeOptions = options;

  const app = (): AppSpec => {
    const row = store.releases.app();
    if (row === undefined) throw new AntlerError('instance/absent', 'Cannot say anything of an app as this instance has none yet');
    return row.spec;
  };
  const receipt = (rollout: RolloutRow): Receipt => {
    const release = store.releases.get(rollout.release);
    if (release === undefined) throw new Error(`release ${rollout.release} vanished`);
    return toReceipt({
      rollout,
      release,
      from: rollout.from === undefined ? undefined : store.releases.get(rollout.from),
      steps: store.rollouts.steps(rollout.id),
      traffic: store.rollouts.traffic(rollout.id),
      approval: store.approvals.ofRollout(rollout.id),
    });
  };
  const rowOf = (container: string) => store.environments.replicas().find((row) => containerName(topology().prefix, row) === container);

  return {
    app,
    setApp({ spec, directory }) {
      checkApp(store, spec.app);
      store.releases.setApp({ name: spec.app, directory, spec });
    },
    async build(request) {
      checkApp(store, request.spec.app);
      const { commit, changed } = await readCheckout(request.directory, request.signal);
      const source = { commit, dirty: commit === undefined || changed > 0 };
      const row = await buildRelease({ ...options, report: request.report, signal: request.signal }, { ...request, source });
      return toRelease(row, store.environments.list());
    },
    begin: async (request) => rollouts.begin(app(), request),
    receiptOf(rollout) {
      const row = store.rollouts.get(rollout);
      if (row === undefined) throw new Error(`rollout ${rollout} vanished`);
      return receipt(row);
    },
    receipt(release, environment) {
      findEnvironment(app(), environment);
      const number = releaseNumber(release);
      if (store.releases.get(number) === undefined) throw new AntlerError('releases/unknown-release', `Cannot find the release ${release}`);
      const row = store.rollouts.latest(environment, number);
      if (row === undefined)
        throw new AntlerError('releases/no-receipt', `Cannot show a receipt as ${environment} was never moved to ${release}`);
      return receipt(row);
    },
    receipts: ({ release, ...wanted }) =>
      store.rollouts.list({ ...wanted, release: release === undefined ? undefined : releaseNumber(release) }).map(receipt),
    vote(id, vote) {
      const approval = rollouts.approvals.vote(id, vote);
      return { id: approvalId(approval.id), environment: approval.environment, ...subjectOf(store, approval), state: approval.state };
    },
    exposed: (environment) => rollouts.exposed(environment),
    withDeployed(spec) {
      const numbers = [
        ...store.environments.list().flatMap(({ release }) => release ?? []),
        ...store.rollouts.open().map(({ release }) => release),
      ];
      return withDeployed(
        spec,
        numbers.flatMap((number) => store.releases.get(number)?.spec ?? []),
      );
    },
    admitJob: async (ask, gateOptions) => admitJob({ ...options, approvals: rollouts.approvals }, app(), { ask, options: gateOptions }),
    requireBranch: (environment, ref) => requireBranch(findEnvironment(app(), environment), ref),
    hold(environment, hold) {
      findEnvironment(app(), environment);
      if (hold === undefined) store.environments.unhold(environment);
      else store.environments.hold({ environment, ...hold });
    },
    list() {
      const environments = store.environments.list();
      return store.releases.list().map((row) => toRelease(row, environments));
    },
    get(id) {
      const row = store.releases.get(releaseNumber(id));
      if (row === undefined) throw new AntlerError('releases/unknown-release', `Cannot find the release ${id}`);
      return toRelease(row, store.environments.list());
    },
    diff(a, b) {
      const side = (environment: string) => {
        findEnvironment(app(), environment);
        const { release } = store.environments.get(environment);
        return { environment, release: release === undefined ? undefined : store.releases.get(release) };
      };
      return toDiff(side(a), side(b));
    },
    status: (observed) => readStatus({ ...options, app: app(), observed }),
    serving: createServing(options),
    async start() {
      await options.edge.reconcile(signal);
      await converge(convergeOptions);
      const taken = store.releases.app();
      if (taken !== undefined) await rollouts.resume(taken.spec);
    },
    dropGone: async () => dropGone(convergeOptions),
    wantsRunning: (container) => rowOf(container)?.state === 'serving',
    async recreate(container, recreateSignal) {
      const row = rowOf(container);
      if (row !== undefined) await remakeReplica({ ...convergeOptions, signal: recreateSignal }, row);
    },
  };
}
