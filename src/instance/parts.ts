/** Gathers what the resources of an instance are made from: facts of the machine, texts of the rooms that know them. */

import { access, readFile } from 'node:fs/promises';

import type { AppSpec, Spec } from '../config/types.ts';
import { EDGE_OPEN_FILES, edgeCommand, firewallRules } from '../edge/edge.ts';
import { containersConf, engineService, readEngineFacts } from '../engines/engines.ts';
import { bootResources } from '../host/host.ts';
import { REGISTRY_ENV, registryCommand, registryConfig } from '../images/images.ts';
import { readLedger } from './ledger.ts';
import type { Wanted } from './machine.ts';
import { placeOf } from './machine.ts';
import { pathsOf } from './paths.ts';
import { chooseAutoRange } from './plan-blocks.ts';
import { machineResources, networkResources, type ResourceFacts, type ResourceParts } from './resources.ts';
import { readIdLines } from './surroundings.ts';
import { blockOf, buildNetwork, jobsNetwork } from './topology.ts';
import type { Instance, Topology } from './types.ts';

/** Programs that tell which network stack is installed. */
const STACK_PROGRAMS = { netavark: '/usr/lib/podman/netavark', 'containernetworking-plugins': '/usr/lib/cni/bridge' } as const;

export interface WantedOptions {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly spec: Pick<Spec, 'machine' | 'services'>;
}

/** Everything that this instance wants of this machine. */
export async function wantedResources({ instance, topology, spec }: WantedOptions): Promise<Wanted> {
  const [facts, parts] = await Promise.all([readResourceFacts(), gatherParts({ instance, topology, services: spec.services })]);
  const machine = machineResources({ instance, topology, facts, parts, machine: spec.machine.resources });
  return { machine: [...machine, ...bootResources(placeOf(instance))], network: networkResources({ instance, topology, parts }) };
}

export async function readResourceFacts(): Promise<ResourceFacts> {
  const [engine, release, ledger, lines, ...stacks] = await Promise.all([
    readEngineFacts(),
    readFile('/etc/os-release', 'utf8').catch(() => ''),
    readLedger(),
    readIdLines(),
    ...Object.entries(STACK_PROGRAMS).map(async ([name, file]) => ((await isThere(file)) ? [name] : [])),
  ]);
  const debian = /^VERSION_ID="?(\d+)/m.exec(release)?.[1];
  return {
    systemd: engine.systemd,
    debian: debian === undefined ? undefined : Number(debian),
    oldCgroups: engine.cgroups !== 'v2',
    networkStacks: stacks.flat(),
    autoRange: chooseAutoRange(ledger, lines),
  };
}

export interface PartsOptions {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly services: AppSpec['services'];
}

export async function gatherParts({ instance, topology, services }: PartsOptions): Promise<ResourceParts> {
  const paths = pathsOf(instance.home);
  const facts = await readEngineFacts();
  return {
    containersConf: containersConf(facts),
    registryConf: registryConfig({ port: instance.registryPort, storageDir: `${paths.registry}/data` }),
    firewallRules: firewallRules({
      block: blockOf(instance),
      networks: firewallNetworks({ instance, topology, services }),
      jobs: jobsNetwork(instance).subnet,
    }),
    packages: [],
    edge: {
      command: edgeCommand({ folder: paths.edge, notify: facts.systemd }),
      ready: facts.systemd ? 'notify' : 'exec',
      openFiles: EDGE_OPEN_FILES,
    },
    registry: { command: registryCommand(paths.registryConf), env: REGISTRY_ENV },
    engine: engineService({ socket: paths.engineSocket, conf: paths.engineConf }),
  };
}

/** Each environment calls its own services; builds call nobody of ours. */
function firewallNetworks({ instance, topology, services }: PartsOptions): Parameters<typeof firewallRules>[0]['networks'] {
  const environments = Object.values(topology.environments).map((place) => ({
    subnet: place.subnet,
    services: services.flatMap(({ name, port }) => {
      const address = place.services[name];
      return address === undefined ? [] : [{ address, port }];
    }),
  }));
  return [...environments, { subnet: buildNetwork(instance).subnet, services: [] }];
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
