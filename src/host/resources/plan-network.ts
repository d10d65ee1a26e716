/** What an address, a range of ids or a group lacks. */

import type { AddressResource, Change, Facts, GroupResource, IdRange, IdRangeResource } from '../types.ts';

export function planAddress(resource: AddressResource, facts: Facts): Change | undefined {
  if (facts.addresses.includes(resource.address)) return undefined;
  return { resource, action: 'create', text: `add ${resource.address}/32 to lo`, detail: [] };
}

export function planIdRange(resource: IdRangeResource, facts: Facts): Change | undefined {
  const { subuid, subgid } = facts.idRanges;
  const lacking = [...(holds(subuid, resource) ? [] : ['/etc/subuid']), ...(holds(subgid, resource) ? [] : ['/etc/subgid'])];
  if (lacking.length === 0) return undefined;
  const line = `${resource.user}:${resource.start}:${resource.count}`;
  const clashes = [...new Set([...subuid, ...subgid].filter((range) => range.user !== resource.user && overlap(range, resource)))];
  return {
    resource,
    action: lacking.length === 2 ? 'create' : 'update',
    text: `add ${line} to ${lacking.join(' and ')}`,
    detail: clashes.map((range) => `overlaps with ${range.user}:${range.start}:${range.count}`),
  };
}

export function planGroup(resource: GroupResource, facts: Facts): Change | undefined {
  const fact = facts.groups[resource.name] ?? null;
  const missing = resource.members.filter((member) => fact === null || !fact.members.includes(member));
  if (fact === null) return { resource, action: 'create', text: `make group ${resource.name}`, detail: members(missing) };
  if (missing.length === 0) return undefined;
  return { resource, action: 'update', text: `add members to group ${resource.name}`, detail: members(missing) };
}

function members(names: readonly string[]): readonly string[] {
  return names.map((name) => `+ ${name}`);
}

function holds(ranges: readonly IdRange[], wanted: IdRangeResource): boolean {
  return ranges.some((range) => range.user === wanted.user && range.start === wanted.start && range.count === wanted.count);
}

function overlap(one: IdRange, other: IdRange): boolean {
  return one.start < other.start + other.count && other.start < one.start + one.count;
}
