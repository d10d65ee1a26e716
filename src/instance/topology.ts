/** Where each environment and service of an app lies: indexes are recorded, addresses follow from them. Pure, but for reading and writing topology.json. */

import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';

import type { AppSpec } from '../config/types.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { decideListen } from './listen.ts';
import { prefixOf } from './paths.ts';
import { ID_RANGE } from './plan-blocks.ts';
import type { EnvironmentPlace, Instance, PlainNetwork, RecordedEnvironment, RecordedTopology, Topology } from './types.ts';

const LAST_ENVIRONMENT = 90;
const LAST_SERVICE = 254;
const BUILD_NETWORK = 200;
const JOBS_NETWORK = 201;

export interface TopologyOptions {
  readonly recorded: RecordedTopology | undefined;
  readonly spec: AppSpec;
  readonly instance: Pick<Instance, 'id' | 'block' | 'idBase' | 'portOffset'>;
  /** Has the machine an address that the whole internet reaches? Decides `listen` where the config does not. */
  readonly public: boolean;
}

export interface PlannedTopology {
  readonly recorded: RecordedTopology;
  readonly topology: Topology;
}

/** Gives every new name an index, keeps every old one (a name that comes back finds its volumes' ids). Throws `releases/other-app`. */
export function planTopology(options: TopologyOptions): PlannedTopology {
  const { recorded, spec, instance } = options;
  if (recorded !== undefined && recorded.app !== spec.app) {
    throw new AntlerError('releases/other-app', `Cannot take over \`${spec.app}\` as this instance holds \`${recorded.app}\``);
  }
  const environments: Record<string, RecordedEnvironment> = { ...recorded?.environments };
  const wanted = new Set(spec.environments.map((environment) => environment.name));
  for (const { name } of spec.environments) {
    const before = environments[name];
    const index = before?.index ?? freeIndex(environments, wanted, { what: 'environment', last: LAST_ENVIRONMENT });
    environments[name] = { index, services: planServices(before?.services ?? {}, spec) };
  }
  const last = spec.environments.at(-1)?.name;
  const places = spec.environments.map((environment): readonly [string, EnvironmentPlace] => {
    const { index, services } = environments[environment.name] ?? fail(environment.name);
    return [
      environment.name,
      {
        network: `${prefixOf(instance.id)}-${environment.name}`,
        subnet: `10.${instance.block}.${100 + index}.0/24`,
        idBase: instance.idBase + ID_RANGE * index,
        services: Object.fromEntries(
          spec.services.map(({ name }) => [name, `10.${instance.block}.${index}.${services[name] ?? fail(name)}`]),
        ),
        port: environment.port + instance.portOffset,
        listen: decideListen({ environment, last: environment.name === last, public: options.public }),
      },
    ];
  });
  return {
    recorded: { version: 1, app: spec.app, environments },
    topology: { prefix: prefixOf(instance.id), environments: Object.fromEntries(places) },
  };
}

function planServices(before: Readonly<Record<string, number>>, spec: AppSpec): Readonly<Record<string, number>> {
  const services: Record<string, { index: number }> = {};
  for (const [name, index] of Object.entries(before)) services[name] = { index };
  const wanted = new Set(spec.services.map((service) => service.name));
  for (const { name } of spec.services) services[name] ??= { index: freeIndex(services, wanted, { what: 'service', last: LAST_SERVICE }) };
  return Object.fromEntries(Object.entries(services).map(([name, { index }]) => [name, index]));
}

/** The lowest index that no name has; when all are used, the lowest of a name that is gone, which then forgets it. */
function freeIndex<T extends { readonly index: number }>(
  used: Record<string, T>,
  wanted: ReadonlySet<string>,
  limit: { readonly what: string; readonly last: number },
): number {
  const taken = new Set(Object.values(used).map((entry) => entry.index));
  for (let index = 1; index <= limit.last; index += 1) if (!taken.has(index)) return index;
  const gone = Object.entries(used)
    .filter(([name]) => !wanted.has(name))
    .sort(([, a], [, b]) => a.index - b.index)[0];
  if (gone === undefined) {
    throw new AntlerError('instance/no-free-block', `Cannot give one more ${limit.what} an address as there are ${limit.last} already`);
  }
  delete used[gone[0]];
  return gone[1].index;
}

function fail(name: string): never {
  throw new AntlerError('internal/bug', `Cannot place \`${name}\` as it has no index`);
}

/** All virtual addresses, in order of environment and service. */
export function virtualAddresses(topology: Topology): readonly string[] {
  return Object.values(topology.environments).flatMap((place) => Object.values(place.services));
}

/** Where builds run: reaches package mirrors and nothing of ours. The dot keeps it apart from an environment's name. */
export function buildNetwork(instance: Pick<Instance, 'id' | 'block'>): PlainNetwork {
  return { name: `${prefixOf(instance.id)}.build`, subnet: `10.${instance.block}.${BUILD_NETWORK}.0/24` };
}

/** Where workflows' jobs run: as builds, and each job may call the one entry that was opened to it. */
export function jobsNetwork(instance: Pick<Instance, 'id' | 'block'>): PlainNetwork {
  return { name: `${prefixOf(instance.id)}.jobs`, subnet: `10.${instance.block}.${JOBS_NETWORK}.0/24` };
}

/** Everything of the instance. */
export function blockOf({ block }: Pick<Instance, 'block'>): string {
  return `10.${block}.0.0/16`;
}

export async function readTopology(path: string): Promise<RecordedTopology | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as RecordedTopology;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes only where it differs. */
export async function writeTopology(path: string, recorded: RecordedTopology): Promise<void> {
  if (isDeepStrictEqual(await readTopology(path), recorded)) return;
  await writeFileAtomic(path, `${JSON.stringify(recorded, null, 2)}\n`);
}
