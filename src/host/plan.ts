/** From (wanted, facts, owned before) to the list of changes: pure. "Nothing to do" is the empty list. */

import { planAddress, planGroup, planIdRange } from './resources/plan-network.ts';
import { planDirectory, planFile } from './resources/plan-path.ts';
import { planService } from './resources/plan-service.ts';
import { keyOf, nameOf } from './resources/key.ts';
import type { Change, Facts, FirewallResource, PackageResource, Resource } from './types.ts';

/** Each kind stands on those before it: a service needs its files, a file its folder and its owner. */
const ORDER: readonly Resource['kind'][] = ['package', 'group', 'id-range', 'directory', 'file', 'address', 'firewall', 'service'];

/**
 * Changes that bring the machine to `wanted`; what `previous` owned and `wanted` no longer names is removed first, last made first.
 * Packages are never removed by a plan: only `undoHost` takes them away.
 */
export function planHost(wanted: readonly Resource[], facts: Facts, previous: readonly Resource[] = []): readonly Change[] {
  const kept = new Set(wanted.map((resource) => keyOf(resource)));
  const left = previous.filter((resource) => resource.kind !== 'package' && !kept.has(keyOf(resource)) && isThere(resource, facts));
  const removals = sorted(left)
    .toReversed()
    .map((resource): Change => ({ resource, action: 'remove', text: `remove ${resource.kind} ${nameOf(resource)}`, detail: [] }));
  const unique = [...new Map(wanted.map((resource) => [keyOf(resource), resource])).values()];
  return [...removals, ...sorted(unique).flatMap((resource) => planOne(resource, facts) ?? [])];
}

/** The one change that this resource needs; undefined where it is as wanted. */
function planOne(resource: Resource, facts: Facts): Change | undefined {
  switch (resource.kind) {
    case 'package':
      return planPackage(resource, facts);
    case 'group':
      return planGroup(resource, facts);
    case 'id-range':
      return planIdRange(resource, facts);
    case 'directory':
      return planDirectory(resource, facts);
    case 'file':
      return planFile(resource, facts);
    case 'address':
      return planAddress(resource, facts);
    case 'firewall':
      return planFirewall(resource, facts);
    case 'service':
      return planService(resource, facts);
    default:
      throw resource satisfies never;
  }
}

function planPackage(resource: PackageResource, facts: Facts): Change | undefined {
  const fact = facts.packages[resource.name];
  if (fact !== undefined && fact.installed !== null) return undefined;
  const version = fact?.candidate ?? null;
  const text = `install ${resource.name}${version === null ? '' : ` ${version}`}`;
  return { resource, action: 'create', text, detail: version === null ? ['apt knows no such package yet: its lists are read first'] : [] };
}

function planFirewall(resource: FirewallResource, facts: Facts): Change | undefined {
  const fact = facts.firewall[resource.table];
  if (fact !== undefined && fact.listed === fact.wanted) return undefined;
  const there = fact !== undefined && fact.listed !== null;
  const lines = (fact?.wanted ?? resource.rules).split('\n').length;
  return {
    resource,
    action: there ? 'update' : 'create',
    text: `${there ? 'replace' : 'load'} nftables table inet ${resource.table}`,
    detail: [`${lines} lines; other tables stay as they are`],
  };
}

function isThere(resource: Resource, facts: Facts): boolean {
  switch (resource.kind) {
    case 'package':
      return (facts.packages[resource.name]?.installed ?? null) !== null;
    case 'group':
      return (facts.groups[resource.name] ?? null) !== null;
    case 'id-range':
      return planIdRange(resource, facts)?.action !== 'create';
    case 'directory':
    case 'file':
      return (facts.paths[resource.path]?.kind ?? 'absent') !== 'absent';
    case 'address':
      return facts.addresses.includes(resource.address);
    case 'firewall':
      return (facts.firewall[resource.table]?.listed ?? null) !== null;
    case 'service': {
      const fact = facts.services[resource.name];
      return fact !== undefined && fact.foreign === undefined && (fact.running || Object.keys(fact.files).length > 0);
    }
    default:
      throw resource satisfies never;
  }
}

function sorted(resources: readonly Resource[]): readonly Resource[] {
  // a stable sort: within a kind the order asked for stays
  return resources.toSorted((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind));
}
