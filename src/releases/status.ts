/** The three truths side by side: what the record wants, what the engine runs, what answers when asked now. */

import type { HealthVerdict, Status } from '../contract/status.ts';
import type { AppSpec, ServiceSpec } from '../config/types.ts';
import { LABELS } from '../engines/engines.ts';
import type { Container } from '../engines/types.ts';
import { isoTime } from '../kit/clock.ts';
import type { Platform } from '../store/store.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';
import { subjectOf } from './approvals.ts';
import { approvalId, containerName, releaseId, serverName } from './names.ts';
import { isWell, type Answer } from './probe.ts';
import type { Neighbours } from './work.ts';

type EnvironmentStatus = Status['environments'][number];
type ServiceStatus = EnvironmentStatus['services'][number];
type ReplicaStatus = ServiceStatus['replicas'][number];

export interface StatusOptions extends Neighbours {
  readonly app: AppSpec;
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
  /** What the keeper thinks of a container, for people; undefined where all is well. */
  readonly trouble: (container: string) => string | undefined;
  /** How people reach an environment. */
  readonly urlOf: (environment: string) => string | null;
  readonly signal: AbortSignal;
}

/** All environments, probed side by side. */
export async function readStatus(options: StatusOptions): Promise<Status> {
  const { store, clock, app } = options;
  const containers = await options.engine.list(options.signal);
  const environments = await Promise.all(app.environments.map(async ({ name }) => environmentStatus(options, name, containers)));
  const approvals = store.approvals.waiting().map((each) => ({
    id: approvalId(each.id),
    environment: each.environment,
    ...subjectOf(store, each),
    since: isoTime(each.requestedAt),
  }));
  return { app: app.app, at: isoTime(clock.now()), approvals, environments, monitors: [], parts: [], incidents: [], notices: [] };
}

async function environmentStatus(options: StatusOptions, name: string, containers: readonly Container[]): Promise<EnvironmentStatus> {
  const { store, app } = options;
  const { release } = store.environments.get(name);
  const current = release === undefined ? undefined : store.releases.get(release);
  const services = await Promise.all(
    (current?.spec ?? app).services.map(async (each) => serviceStatus(options, { environment: name, service: each.name }, containers)),
  );
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

/** What only the monitor knows. */
const UNWATCHED = {
  since: null,
  reason: null,
  requestsPerSecond: null,
  errorRatio: null,
  latencyMs: null,
  uptime: { day: null, month: null },
  spark: [],
};

/** What is being rolled out, an approval that it waits for included. */
function movementOf(store: Platform, environment: string): EnvironmentStatus['rollout'] {
  const rollout = store.rollouts.open().find((each) => each.environment === environment);
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

async function serviceStatus(options: StatusOptions, where: Where, containers: readonly Container[]): Promise<ServiceStatus> {
  const { store } = options;
  const rows = store.environments.replicas(where.environment).filter((row) => row.service === where.service && row.state === 'serving');
  const made = rows[0] === undefined ? undefined : store.releases.get(rows[0].release);
  if (made === undefined)
    return {
      name: where.service,
      release: null,
      commit: null,
      digest: null,
      answering: null,
      verdict: 'unknown',
      ...UNWATCHED,
      replicas: [],
    };
  const spec = options.resolve(made.spec, where.environment, where.service);
  const address = options.topology().environments[where.environment]?.services[where.service];
  const [answer, ...replicas] = await Promise.all([
    address === undefined ? undefined : ask(options, { address, spec }),
    ...rows.map(async (row) => replicaStatus(options, { row, made, spec }, containers)),
  ]);
  const answering = isWell(answer) ? releaseIdOf(answer) : null;
  return {
    name: where.service,
    release: releaseId(made.number),
    commit: made.commit,
    digest: digestOf(made, where.service),
    answering,
    verdict: serviceVerdict({ answering, wanted: releaseId(made.number) }, replicas),
    ...UNWATCHED,
    replicas,
  };
}

async function ask(options: StatusOptions, target: { readonly address: string; readonly spec: ServiceSpec }): Promise<Answer | undefined> {
  const { port, health } = target.spec;
  return options.probe({ address: target.address, port, path: health.path, timeoutMs: health.timeoutMs }, options.signal);
}

function releaseIdOf(answer: Answer): string | null {
  return answer.release !== undefined && /^r[1-9]\d*$/.test(answer.release) ? answer.release : null;
}

interface ReplicaInput {
  readonly row: ReplicaRow;
  readonly made: ReleaseRow;
  readonly spec: ServiceSpec;
}

async function replicaStatus(
  options: StatusOptions,
  { row, made, spec }: ReplicaInput,
  containers: readonly Container[],
): Promise<ReplicaStatus> {
  const name = containerName(options.topology().prefix, row);
  const container = containers.find((each) => each.name === name);
  const running = container?.state.kind === 'running' ? (container.labels[LABELS.release] ?? null) : null;
  // The container has no X-Release of its own: what answers at its planned address is what its label says.
  const answer = running === null ? undefined : await ask(options, { address: row.address, spec });
  const answering = isWell(answer) ? running : null;
  const wanted = releaseId(row.release);
  return {
    name: serverName(row),
    release: wanted,
    digest: digestOf(made, row.service),
    running,
    answering,
    verdict: running !== null && running !== wanted ? 'drift' : answering === null ? 'down' : 'up',
    detail:
      options.trouble(name) ??
      (running === null
        ? describe(container)
        : answer === undefined
          ? 'does not answer'
          : answering === null
            ? `answers ${answer.status}`
            : null),
  };
}

function describe(container: Container | undefined): string {
  if (container === undefined) return 'no container';
  const { state } = container;
  return state.kind === 'exited' ? `ended with ${state.exitCode} (${state.reason})` : state.kind;
}

function digestOf(release: ReleaseRow, service: string): string {
  return release.services.find((each) => each.service === service)?.digest ?? '';
}

function serviceVerdict(
  answer: { readonly answering: string | null; readonly wanted: string },
  replicas: readonly ReplicaStatus[],
): HealthVerdict {
  if (answer.answering !== null && answer.answering !== answer.wanted) return 'drift';
  const down = replicas.filter((each) => each.verdict === 'down').length;
  if (answer.answering === null || down === replicas.length) return 'down';
  if (down > 0) return 'degraded';
  return worst(replicas.map((each) => each.verdict));
}

const ORDER: readonly HealthVerdict[] = ['down', 'drift', 'degraded', 'deploying', 'unknown', 'up'];

export function worst(verdicts: readonly HealthVerdict[]): HealthVerdict {
  return ORDER.find((each) => verdicts.includes(each)) ?? 'unknown';
}
