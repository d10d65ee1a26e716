/** Proves that a container reaches a virtual address; where it does not, names the firewall and the line that opens it. */

import { firewallHint } from '../../edge/edge.ts';
import { AntlerError, hasCode } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { pathsOf } from '../paths.ts';
import { blockOf } from '../topology.ts';
import type { EnvironmentPlace, Instance, Topology } from '../types.ts';
import { canCall } from './probe.ts';

/** Host part of the address that probes take: containers get .10 to .250. */
const PROBE_HOST = 251;

export interface FirewallCheckOptions {
  readonly instance: Instance;
  readonly topology: Topology;
  /** The port of each service, by name. */
  readonly ports: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
}

export type FirewallVerdict =
  | { readonly kind: 'open'; readonly from: string; readonly to: string }
  | { readonly kind: 'dropped'; readonly from: string; readonly to: string; readonly culprit: ReturnType<typeof firewallHint> }
  | { readonly kind: 'nothing-to-call' };

/** One environment stands for all: their rules are written alike. */
export async function checkFirewall({ instance, topology, ports, signal }: FirewallCheckOptions): Promise<FirewallVerdict> {
  const target = firstTarget(topology, ports);
  if (target === undefined) return { kind: 'nothing-to-call' };
  const { place, address, port } = target;
  const from = `${place.subnet.split('.').slice(0, 3).join('.')}.${PROBE_HOST}`;
  const env = { CONTAINERS_CONF: pathsOf(instance.home).engineConf };
  const call = { id: instance.id, home: instance.home, env, network: place.network, address: from, target: { address, port }, signal };
  const to = `${address}:${port}`;
  if (await canCall(call)) return { kind: 'open', from, to };
  return { kind: 'dropped', from, to, culprit: firewallHint(await readFirewalls(blockOf(instance), signal)) };
}

/** Throws `edge/firewalled`, which names the firewall and carries the line. */
export function refuseDropped(verdict: FirewallVerdict): void {
  if (verdict.kind !== 'dropped') return;
  const { from, to, culprit } = verdict;
  const who = culprit === undefined ? 'something on this machine drops it' : `${culprit.name} drops it`;
  throw new AntlerError('edge/firewalled', `Cannot reach a virtual address from a container as ${who}: ${from} → ${to}`, {
    hint: culprit === undefined ? 'Look for it: `nft list ruleset`' : `Type \`${culprit.line}\`, then the same again`,
  });
}

interface Target {
  readonly place: EnvironmentPlace;
  readonly address: string;
  readonly port: number;
}

function firstTarget(topology: Topology, ports: Readonly<Record<string, number>>): Target | undefined {
  for (const place of Object.values(topology.environments)) {
    for (const [service, address] of Object.entries(place.services)) {
      const port = ports[service];
      if (port !== undefined) return { place, address, port };
    }
  }
  return undefined;
}

async function readFirewalls(block: string, signal: AbortSignal): Promise<Parameters<typeof firewallHint>[0]> {
  const [ufw, firewalld, nft, iptables] = await Promise.all([
    said(['ufw', 'status'], signal),
    said(['firewall-cmd', '--state'], signal),
    said(['nft', '--json', 'list', 'chains'], signal),
    said(['iptables', '-S', 'INPUT'], signal),
  ]);
  return { ufw, firewalld, nft, iptables, block };
}

/** Empty where the program is absent or refuses. */
async function said(argv: readonly [string, ...string[]], signal: AbortSignal): Promise<string> {
  try {
    return (await exec(argv, { signal, timeoutMs: 10_000, env: { LC_ALL: 'C' } })).stdout;
  } catch (error) {
    if (hasCode(error, 'kit/exec-missing') || hasCode(error, 'kit/exec-failed')) return '';
    throw error;
  }
}
