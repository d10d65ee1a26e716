/** The three truths side by side: what the record wants, what the engine runs, what answered when it was asked last. */

import { type HealthVerdict, type Status, UNWATCHED } from '../contract/status.ts';
import type { AppSpec } from '../config/types.ts';
import { LABELS } from '../engines/engines.ts';
import type { Container } from '../engines/types.ts';
import { isoTime } from '../kit/clock.ts';
import type { Platform } from '../store/store.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';
import { subjectOf } from './approvals.ts';
import { approvalId, containerName, releaseId, serverName } from './names.ts';
import { watchedOf } from './serving.ts';
import type { Neighbours } from './work.ts';

type EnvironmentStatus = Status['environments'][number];
type ServiceStatus = EnvironmentStatus['services'][number];
type ReplicaStatus = ServiceStatus['replicas'][number];

export interface StatusOptions extends Pick<Neighbours, 'store' | 'clock' | 'topology'> {
  readonly app: AppSpec;
  /** How people reach an environment. */
  readonly urlOf: (environment: string) => string | null;
  readonly observed: Observed;
}

/** One look at an address. */
export interface Answered {
  readonly well: boolean;
  /** The edge's `X-Release`. */
  readonly release?: string | undefined;
  /** What is wrong, for people. */
  readonly detail: string;
}

/** What is known of the engine and of what answers; asked now, or a moment ago. */
export interface Observed {
  readonly containers: readonly Container[];
  /** Through the virtual address; undefined where nobody has asked. */
  readonly edge: (environment: string, service: string) => Answered | undefined;
  /** At a replica's own address. */
  readonly direct: (environment: string, service: string, replica: string) => Answered | undefined;
  /** What the keeper thinks of a container; undefined where all is well. */
  readonly trouble: (container: string) => string | undefined;
}

/** All environments, as the record has them. */
export function readStatus(options: StatusOptions): Status {
  const { store, clock, app } = options;
  const environments = app.environments.map(({ name }) => environmentStatus(options, name));
  const approvals = store.approvals.waiting().map((each) => ({
    id: approvalId(each.id),
    environment: each.environment,
    ...subjectOf(store, each),
    since: isoTime(each.requestedAt),
  }));
  return { app: app.app, at: isoTime(clock.now()), approvals, environments, monitors: [], parts: [], incidents: [], notices: [] };
}

function environmentStatus(options: StatusOptions, name: string): EnvironmentStatus {
  const { store, app } = options;
  const { release } = store.environments.get(name);
  const current = release === undefined ? undefined : store.releases.get(release);
  const services = (current?.spec ?? app).services.map((each) => serviceStatus(options, { environment: name, service: each.name }));
  const deploying = store.rollouts.open().some((each) => each.environment === name && each.phase !== 'waiting');
  const hold = store.environments.holdOf(name);
  return {
    name,
    url: options.urlOf(name),
    release: release === undefined ? null : releaseId(release),
    verdict: deploying ? 'deploying' : worst(services.map((each) => each.verdict)),
    hold: hold === undefined ? null : { reason: hold.reason, since: isoTime(hold.since), by: hold.actor },
    rollout: movementOf(store, name),
    services,
  };
}

/** What is being rolled out, an approval that it waits for included. */
function movementOf(store: Platform, environment: string): EnvironmentStatus['rollout'] {
  const open = store.rollouts.open().filter((each) => each.environment === environment);
  const rollout = open.find(({ phase }) => phase !== 'waiting') ?? open[0];
  if (rollout === undefined) return null;
  return {
    release: releaseId(rollout.release),
    from: rollout.from === undefined ? null : releaseId(rollout.from),
    kind: rollout.kind,
    phase: rollout.phase,
    step: store.rollouts.steps(rollout.id).findLast(({ state }) => state === 'start')?.title ?? null,
    since: isoTime(rollout.startedAt),
  };
}

interface Where {
  readonly environment: string;
  readonly service: string;
}

function serviceStatus(options: StatusOptions, where: Where): ServiceStatus {
  const { store, observed } = options;
  const all = watchedOf(store.environments.replicas(where.environment), store.rollouts.open()).filter(
    (row) => row.service === where.service,
  );
  const coming = all.filter(({ state }) => state === 'starting').map((row) => comingStatus(options, row));
  const rows = all.filter(({ state }) => state === 'serving');
  const first = rows[0] ?? all.find(({ state }) => state === 'paused');
  const made = first === undefined ? undefined : store.releases.get(first.release);
  if (made === undefined)
    return {
      name: where.service,
      release: null,
      commit: null,
      digest: null,
      answering: null,
      verdict: coming.length > 0 ? 'deploying' : 'unknown',
      ...UNWATCHED,
      replicas: [],
      coming,
    };
  const replicas = rows.map((row) => replicaStatus(options, row, made));
  const answer = observed.edge(where.environment, where.service);
  const answering = answer?.well === true ? (answer.release ?? null) : null;
  return {
    name: where.service,
    release: releaseId(made.number),
    commit: made.commit,
    digest: digestOf(made, where.service),
    answering,
    verdict: serviceVerdict({ answering, wanted: releaseId(made.number), asked: answer !== undefined }, replicas, coming),
    ...UNWATCHED,
    replicas,
    coming,
  };
}

function replicaStatus({ topology, observed }: StatusOptions, row: ReplicaRow, made: ReleaseRow | undefined): ReplicaStatus {
  const name = containerName(topology().prefix, row);
  const container = observed.containers.find((each) => each.name === name);
  const running = container?.state.kind === 'running' ? (container.labels[LABELS.release] ?? null) : null;
  const answer = observed.direct(row.environment, row.service, serverName(row));
  // The container has no X-Release of its own: what answers at its planned address is what its label says.
  const answering = answer?.well === true ? running : null;
  const wanted = releaseId(row.release);
  return {
    name: serverName(row),
    release: wanted,
    digest: digestOf(made, row.service),
    running,
    answering,
    verdict: verdictOf({ running, answering, wanted, asked: answer !== undefined }),
    detail: observed.trouble(name) ?? (running === null ? describe(container) : answer?.well === false ? answer.detail : null),
  };
}

/** Until its first answer, and when it falls again, it is nobody's outage: its rollout says what becomes of it. */
function comingStatus(options: StatusOptions, row: ReplicaRow): ReplicaStatus {
  const status = replicaStatus(options, row, options.store.releases.get(row.release));
  return status.verdict === 'down' || status.verdict === 'unknown' ? { ...status, verdict: 'deploying' } : status;
}

interface Truths {
  readonly wanted: string;
  readonly running: string | null;
  readonly answering: string | null;
  readonly asked: boolean;
}

function verdictOf({ wanted, running, answering, asked }: Truths): HealthVerdict {
  if (running !== null && running !== wanted) return 'drift';
  if (answering !== null) return 'up';
  return running === null || asked ? 'down' : 'unknown';
}

function describe(container: Container | undefined): string {
  if (container === undefined) return 'no container';
  const { state } = container;
  return state.kind === 'exited' ? `ended with ${state.exitCode} (${state.reason})` : state.kind;
}

function digestOf(release: ReleaseRow | undefined, service: string): string {
  return release?.services.find((each) => each.service === service)?.digest ?? '';
}

function serviceVerdict(
  { answering, wanted, asked }: Omit<Truths, 'running'>,
  replicas: readonly ReplicaStatus[],
  coming: readonly ReplicaStatus[],
): HealthVerdict {
  if (answering !== null && answering !== wanted && !coming.some(({ release }) => release === answering)) return 'drift';
  if (replicas.length === 0) return coming.length > 0 ? 'deploying' : 'unknown';
  const down = replicas.filter((each) => each.verdict === 'down').length;
  if (down === replicas.length) return 'down';
  if (answering === null) return asked ? 'down' : 'unknown';
  if (down > 0) return 'degraded';
  return worst(replicas.map((each) => each.verdict));
}

const ORDER: readonly HealthVerdict[] = ['down', 'drift', 'degraded', 'deploying', 'unknown', 'up'];

export function worst(verdicts: readonly HealthVerdict[]): HealthVerdict {
  return ORDER.find((each) => verdicts.includes(each)) ?? 'unknown';
}
