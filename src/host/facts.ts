/** Reads of the machine what the wanted resources need, and nothing else. */

import { readPackages } from './apt/apt.ts';
import type { HostOptions } from './context.ts';
import { readAccounts } from './resources/accounts.ts';
import { readIdRanges } from './resources/groups.ts';
import { keyOf } from './resources/key.ts';
import { readFirewall, readLoopback } from './resources/network.ts';
import { readPathFact } from './resources/paths.ts';
import { createHands } from './supervisor/supervisor.ts';
import type { Facts, FirewallFact, GroupFact, PathFact, Resource } from './types.ts';

/** Of two resources with one name the first counts. Throws `host/apt-failed` for a package name that is none. */
export async function readFacts(asked: readonly Resource[], options: HostOptions): Promise<Facts> {
  const { signal, place } = options;
  const resources = [...new Map(asked.toReversed().map((resource) => [keyOf(resource), resource])).values()].toReversed();
  const of = <K extends Resource['kind']>(kind: K): readonly Extract<Resource, { kind: K }>[] =>
    resources.filter((resource): resource is Extract<Resource, { kind: K }> => resource.kind === kind);
  const paths: Record<string, PathFact> = {};
  const groups: Record<string, GroupFact | null> = {};
  const firewall: Record<string, FirewallFact> = {};
  const owned = [...of('directory'), ...of('file')];
  if (owned.length > 0 || of('group').length > 0) {
    const accounts = await readAccounts();
    for (const { path } of owned) paths[path] = await readPathFact(path, accounts);
    for (const { name } of of('group')) {
      const group = accounts.groups.get(name);
      groups[name] = group === undefined ? null : { members: group.members };
    }
  }
  for (const resource of of('firewall')) firewall[resource.table] = await readFirewall(resource, signal);
  const services = of('service');
  return {
    packages: await readPackages(
      of('package').map(({ name }) => name),
      options,
    ),
    paths,
    groups,
    idRanges: of('id-range').length > 0 ? await readIdRanges() : { subuid: [], subgid: [] },
    addresses: of('address').length > 0 ? await readLoopback(signal) : [],
    firewall,
    services: place === undefined || services.length === 0 ? {} : await createHands(place).facts(services, signal),
    place: place ?? null,
  };
}
