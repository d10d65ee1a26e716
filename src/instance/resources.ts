/** Everything that an instance needs of its machine, as resources. Pure. */

import type { MachineResource } from '../config/types.ts';
import type { Resource } from '../host/types.ts';
import { firewallTable, pathsOf } from './paths.ts';
import type { IdLine } from './plan-blocks.ts';
import { instanceServices, type ServiceParts } from './services.ts';
import { virtualAddresses } from './topology.ts';
import type { Instance, Topology } from './types.ts';

/** What decides which resources it takes, read from the machine. */
export interface ResourceFacts {
  readonly systemd: boolean;
  /** 12, 13 …; undefined where /etc/os-release does not say. */
  readonly debian: number | undefined;
  /** The controllers that limit containers are not cgroup v2 ones. */
  readonly oldCgroups: boolean;
  /** What Podman can make bridges with, where it is installed: `netavark`, `containernetworking-plugins`. */
  readonly networkStacks: readonly string[];
  /** The `containers` line of /etc/subuid: there, or chosen. */
  readonly autoRange: IdLine;
}

/** Texts that other rooms know how to write. */
export interface ResourceParts extends ServiceParts {
  readonly containersConf: string;
  readonly registryConf: string;
  /** Body of the firewall table for these networks. */
  readonly firewallRules: string;
  /** Packages that another room's work needs beside PACKAGES. */
  readonly packages: readonly string[];
}

export interface ResourceOptions {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly facts: ResourceFacts;
  readonly parts: ResourceParts;
  /** `machine.resources` of the config. */
  readonly machine: readonly MachineResource[];
}

const PACKAGES = [
  'podman',
  'buildah',
  'docker-registry',
  'haproxy',
  'mmdebstrap',
  'nftables',
  'iproute2',
  'uidmap',
  'catatonit',
  'git',
  'ca-certificates',
] as const;

/** Root, and members of this group, speak to the daemon. */
export const OPERATORS = 'antler';

export function instanceResources(options: ResourceOptions): readonly Resource[] {
  return [...machineResources(options), ...networkResources(options)];
}

/** Changed by an operator alone (`up`, `host apply`), never by a push. */
export function machineResources({ instance, facts, parts, machine }: ResourceOptions): readonly Resource[] {
  const paths = pathsOf(instance.home);
  const directory = (path: string, mode: number, group = 'root'): Resource => ({ kind: 'directory', path, mode, owner: 'root', group });
  const file = (path: string, content: string): Resource => ({ kind: 'file', path, content, mode: 0o644, owner: 'root', group: 'root' });
  return [
    ...[...packagesFor(facts), ...parts.packages].map((name): Resource => ({ kind: 'package', name })),
    { kind: 'group', name: OPERATORS, members: instance.operators },
    { kind: 'id-range', ...facts.autoRange },
    directory(instance.home, 0o711), // the config's sandbox and HAProxy's workers pass through, and see no names
    directory(paths.run, 0o711), // each socket in it has a lock of its own
    directory(paths.edge, 0o755),
    directory(paths.registry, 0o700),
    directory(paths.images, 0o700),
    directory(paths.logs, 0o750, OPERATORS),
    directory(paths.services, 0o755),
    directory(paths.program, 0o755),
    file(paths.engineConf, parts.containersConf),
    file(paths.registryConf, parts.registryConf),
    ...machine.map((resource) => machineResource(resource)),
    ...instanceServices(instance, parts),
  ];
}

/** Follows the app's environments and services; the daemon keeps it. */
export function networkResources({
  instance,
  topology,
  parts,
}: Pick<ResourceOptions, 'instance' | 'topology' | 'parts'>): readonly Resource[] {
  const paths = pathsOf(instance.home);
  const addresses = virtualAddresses(topology);
  const table = firewallTable(instance.id);
  const file = (path: string, content: string): Resource => ({ kind: 'file', path, content, mode: 0o644, owner: 'root', group: 'root' });
  return [
    file(paths.addresses, addresses.map((address) => `address replace ${address}/32 dev lo\n`).join('')),
    file(paths.firewall, `table inet ${table}\ndelete table inet ${table}\ntable inet ${table} {\n${parts.firewallRules.trimEnd()}\n}\n`),
    ...addresses.map((address): Resource => ({ kind: 'address', address })),
    { kind: 'firewall', table, rules: parts.firewallRules },
  ];
}

function packagesFor(facts: ResourceFacts): readonly string[] {
  const stack = facts.networkStacks[0] ?? ((facts.debian ?? 13) >= 13 ? 'netavark' : 'containernetworking-plugins');
  return [
    ...PACKAGES,
    stack,
    ...(stack === 'netavark' ? ['iptables'] : []), // netavark of Debian 12 calls it and does not depend on it
    ...(facts.systemd ? [] : ['runit']),
    ...(facts.oldCgroups ? ['runc'] : []), // Debian's crun refuses them without systemd
  ];
}

function machineResource(resource: MachineResource): Resource {
  switch (resource.kind) {
    case 'package':
    case 'directory':
    case 'file':
      return resource;
    case 'service':
      return {
        ...resource,
        description: `${resource.name} (machine.resources of antler.config.ts)`,
        before: [],
        mode: 'always',
        ready: 'exec',
        stopSeconds: 10,
        afterServices: [],
      };
    default:
      throw resource satisfies never;
  }
}

/** Several instances may want it, or it was there before all of them: the ledger counts who does. */
export function isShared(resource: Resource, instance: Pick<Instance, 'id' | 'home'>): boolean {
  switch (resource.kind) {
    case 'package':
    case 'group':
    case 'id-range':
      return true;
    case 'file':
    case 'directory':
      return resource.path !== instance.home && !resource.path.startsWith(`${instance.home}/`);
    case 'service':
      return !resource.name.startsWith(`antler-${instance.id}-`);
    case 'address':
    case 'firewall':
      return false;
    default:
      throw resource satisfies never;
  }
}
