/** What shall serve by the record, with where it answers: what a monitor looks at. */

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
    const rows = store.environments.replicas().filter(({ state }) => state === 'serving');
    const rollouts = store.rollouts.open().filter(({ phase }) => phase !== 'waiting');
    const place = topology();
    const key = JSON.stringify([rows.map(({ generation }) => generation), rollouts.map(({ id }) => id)]);
    if (known?.key === key && known.topology === place) return known.serving;
    const serving = { services: servicesOf(rows, { store, place, resolve }), rollouts: rollouts.map(toRollout) };
    known = { key, topology: place, serving };
    return serving;
  };
}

function toRollout({ environment, startedAt }: RolloutRow): Serving['rollouts'][number] {
  return { environment, startedAt };
}

interface Around {
  readonly store: Platform;
  readonly place: Topology;
  readonly resolve: ServingOptions['resolve'];
}

function servicesOf(rows: readonly ReplicaRow[], around: Around): readonly ServingService[] {
  const groups = Map.groupBy(rows, ({ environment, service }) => `${environment}/${service}`);
  return [...groups.values()].flatMap((group) => serviceOf(group, around) ?? []);
}

function serviceOf(rows: readonly ReplicaRow[], { store, place, resolve }: Around): ServingService | undefined {
  const [first] = rows;
  const made = first === undefined ? undefined : store.releases.get(first.release);
  if (first === undefined || made === undefined) return undefined;
  const { environment, service } = first;
  const { port, health } = resolve(made.spec, environment, service);
  const ask = { port, path: health.path, timeoutMs: health.timeoutMs };
  const digest = made.services.find((each) => each.service === service)?.digest ?? '';
  const address = place.environments[environment]?.services[service];
  const toReplica = (row: ReplicaRow): ServingReplica => ({
    ...ask,
    name: serverName(row),
    release: releaseId(row.release),
    container: containerName(place.prefix, row),
    address: row.address,
    digest,
  });
  return {
    environment,
    service,
    release: releaseId(made.number),
    edge: address === undefined ? undefined : { ...ask, address },
    replicas: rows.map(toReplica),
  };
}
