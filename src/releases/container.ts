/** A replica's record as the engine's container and the edge's server. Pure. */

import type { ServiceSpec } from '../config/types.ts';
import type { Server, ServerId } from '../edge/types.ts';
import { LABELS } from '../engines/engines.ts';
import type { ContainerSpec } from '../engines/types.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';
import { containerName, releaseId, serverName } from './names.ts';
import { imageOf } from './plan.ts';
import type { EnvironmentPlace, Topology } from './types.ts';

export interface ContainerInput {
  readonly replica: ReplicaRow;
  readonly release: ReleaseRow;
  /** Resolved for the environment. */
  readonly service: ServiceSpec;
  readonly topology: Topology;
  readonly place: EnvironmentPlace;
}

export function containerOf(input: ContainerInput): ContainerSpec {
  const { replica, release, service, topology, place } = input;
  const id = releaseId(release.number);
  return {
    name: containerName(topology.prefix, replica),
    image: imageOf(release, service.name),
    ...(service.command === undefined ? {} : { command: service.command }),
    env: {
      ...service.env,
      ANTLER_APP: release.app,
      ANTLER_ENVIRONMENT: replica.environment,
      ANTLER_SERVICE: service.name,
      ANTLER_RELEASE: id,
      ANTLER_COMMIT: release.commit,
    },
    labels: {
      [LABELS.app]: release.app,
      [LABELS.environment]: replica.environment,
      [LABELS.service]: service.name,
      [LABELS.release]: id,
      [LABELS.replica]: String(replica.replica),
      [LABELS.generation]: String(replica.generation),
    },
    network: place.network,
    address: replica.address,
    hosts: place.services,
    idBase: place.idBase,
    memory: service.memory,
    cpus: service.cpus,
    pids: service.pids,
    hardened: service.hardened,
    volumes: service.volumes.map((each) => ({
      volume: volumeName(topology.prefix, replica.environment, `${service.name}-${each.name}`),
      path: each.path,
    })),
  };
}

function volumeName(prefix: string, environment: string, name: string): string {
  return `${prefix}-${environment}-${name}`;
}

/** `service` as the replica's own release has it: the next one may listen and be checked elsewhere. */
export function serverOf(replica: ReplicaRow, service: Pick<ServiceSpec, 'port' | 'health'>): Server {
  return {
    ...serverIdOf(replica),
    release: releaseId(replica.release),
    address: replica.address,
    port: service.port,
    healthPath: service.health.path,
  };
}

export function serverIdOf(replica: ReplicaRow): ServerId {
  return { environment: replica.environment, service: replica.service, name: serverName(replica) };
}
