/** The instance's firewall table: each environment reaches its own virtual addresses and the world, nothing else of ours. Pure. */

import { buildNetwork } from './topology.ts';
import type { Instance, Topology } from './types.ts';

/**
 * Body of the table. Before other tables (priority -10), so that a table that accepts everything cannot open what is closed here.
 * Matches addresses, never interfaces: bridges are named by the engine.
 */
export function isolationRules(instance: Pick<Instance, 'id' | 'block'>, topology: Topology): string {
  const ours = `10.${instance.block}.0.0/16`;
  const places = Object.values(topology.environments);
  const subnets = [...places.map(({ subnet }) => subnet), buildNetwork(instance).subnet];
  return [
    'chain input {',
    '  type filter hook input priority -10; policy accept;',
    '  ct state established,related accept',
    '  iif "lo" accept', // the host calls a virtual address with that address as its own
    ...places
      .filter(({ services }) => Object.keys(services).length > 0)
      .map(({ subnet, services }) => `  ip saddr ${subnet} ip daddr { ${Object.values(services).join(', ')} } accept`),
    `  ip saddr ${ours} drop`, // from a bridge to the host, its sshd included
    `  ip daddr ${ours} drop`, // from outside to a virtual address
    '}',
    'chain forward {',
    '  type filter hook forward priority -10; policy accept;',
    '  ct state established,related accept',
    ...subnets.map((subnet) => `  ip saddr ${subnet} ip daddr ${subnet} accept`),
    `  ip daddr ${ours} drop`, // between our bridges, and from outside to a container
    '}',
    '',
  ].join('\n');
}
