/** What shall serve by the record, and what a rollout has started to, with where it answers: what a monitor looks at. */

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { Platform } from '../store/store.ts';
import type { ReplicaRow, RolloutRow } from '../store/types.ts';
import { containerName, releaseId, serverName } from './names.ts';
import type { Serving, ServingReplica, ServingService, Topology } from './types.ts';

export interface ServingOptions {
  readonly store: Platform;
  readonly topology: () => Topology;
  readonly resolve: (app: AppSpec, environment: string, service: string) => ServiceSpec;
}

/** Asked often: it reads two small tables, and gives the same object until something has changed. */
export function createServing({ store, topology, resolve }: ServingOptions): () => Serving {
  let known: { readonly key: string; readonly topology: Topology; readonly serving: Serving } | undefined;
  return () => {
    const rollouts = store.rollouts.open().filter(({ phase }) => phase !== 'waiting');
    const rows = watchedOf(store.environments.replicas(), rollouts);
    const place = topology();
    const key = JSON.stringify([rows.map(({ generation, state }) => [generation, state]), rollouts.map(({ id }) => id)]);
    if (known?.key === key && known.topology === place) return known.serving;
    const moving = new Set(rollouts.map(({ environment }) => environment));
    const serving = { services: servicesOf(rows, { store, place, resolve, moving }), rollouts: rollouts.map(toRollout) };
    known = { key, topology: place, serving };
    return serving;
  };
}

/** Replicas that serve, that a rollout stopped for a moment, or that it is starting: those of one that has ended are nobody's. Pure. */
export function watchedOf(rows: readonly ReplicaRow[], rollouts: readonly Pick<RolloutRow, 'id'>[]): readonly ReplicaRow[] {
  return rows.filter(({ state, rollout }) => state !== 'retiring' && (state !== 'starting' || rollouts.some(({ id }) => id === rollout)));
}

function toRollout({ environment, startedAt }: RolloutRow): Serving['rollouts'][number] {
  return { environment, startedAt };
}

interface Around {
  readonly store: Platform;
  readonly place: Topology;
  readonly resolve: ServingOptions['resolve'];
  /** Environments. */
  readonly moving: ReadonlySet<string>;
}

function servicesOf(rows: readonly ReplicaRow[], around: Around): readonly ServingService[] {
  const groups = Map.groupBy(rows, ({ environment, service }) => `${environment}/${service}`);
  return [...groups.values()].flatMap((group) => serviceOf(group, around) ?? []);
}

function serviceOf(rows: readonly ReplicaRow[], around: Around): ServingService | undefined {
  const { place, moving } = around;
  const first = rows.find(({ state }) => state !== 'starting') ?? rows[0];
  const ask = first === undefined ? undefined : askOf(first, around);
  if (first === undefined || ask === undefined) return undefined;
  const { environment, service } = first;
  const of = (wanted: ReplicaRow['state']): readonly ServingReplica[] =>
    rows.filter(({ state }) => state === wanted).flatMap((row) => toReplica(row, around) ?? []);
  const replicas = of('serving');
  const address = place.environments[environment]?.services[service];
  // Before the first replica serves nobody answers there, and while a one-writer volume changes hands requests wait in the edge.
  const reached = address !== undefined && (replicas.length > 0 || !moving.has(environment));
  return {
    environment,
    service,
    release: releaseId(first.release),
    edge: reached ? { ...ask, address } : undefined,
    replicas,
    coming: of('starting'),
  };
}

function toReplica(row: ReplicaRow, around: Around): ServingReplica | undefined {
  const ask = askOf(row, around);
  if (ask === undefined) return undefined;
  return {
    ...ask,
    name: serverName(row),
    release: releaseId(row.release),
    container: containerName(around.place.prefix, row),
    address: row.address,
    digest: around.store.releases.get(row.release)?.services.find((each) => each.service === row.service)?.digest ?? '',
  };
}

/** As the replica's own release has it: the next one may listen and be checked elsewhere. */
function askOf({ release, environment, service }: ReplicaRow, { store, resolve }: Around) {
  const made = store.releases.get(release);
  if (made === undefined) return undefined;
  const { port, health } = resolve(made.spec, environment, service);
  return { port, path: health.path, timeoutMs: health.timeoutMs };
}
