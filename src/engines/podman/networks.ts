/** Bridges: isolated from each other, with a planned subnet and no name server. */

import { AntlerError } from '../../kit/errors.ts';
import { LABELS } from '../labels.ts';
import type { NetworkSpec } from '../types.ts';
import type { PodmanClient } from './client.ts';
import * as wire from './wire.ts';

export async function ensureNetwork(
  podman: PodmanClient,
  wanted: NetworkSpec & { readonly instance: string },
  signal: AbortSignal,
): Promise<void> {
  const found = await podman.request({ method: 'GET', path: `/networks/${wanted.name}/json`, accept: [404], signal });
  if (found.status !== 404) {
    const network = wire.network.parse(found.body);
    if (network.subnets.length === 1 && network.subnets[0]?.subnet === wanted.subnet && network.options['isolate'] === 'true') return;
    if (network.labels[LABELS.instance] !== wanted.instance) {
      throw new AntlerError('engines/refused', `Cannot make the network ${wanted.name} as another of that name is not ours`);
    }
    await removeNetwork(podman, wanted.name, signal);
  }
  const made = await podman.request({
    method: 'POST',
    path: '/networks/create',
    accept: [409],
    body: {
      name: wanted.name,
      driver: 'bridge',
      subnets: [{ subnet: wanted.subnet, gateway: gatewayOf(wanted.subnet) }],
      dns_enabled: false, // containers find each other by hosts entries: nothing to cache wrongly
      options: { isolate: 'true' }, // counts only where both bridges have it
      labels: { [LABELS.instance]: wanted.instance },
    },
    signal,
  });
  // Two at once (the daemon starts and a command configures it): the second finds what the first made.
  if (
    made.status === 409 &&
    !(await listNetworks(podman, wanted.instance, signal)).some((each) => each.name === wanted.name && each.subnet === wanted.subnet)
  )
    throw new AntlerError('engines/refused', `Cannot make the network ${wanted.name} as another of that name came meanwhile`);
}

export async function listNetworks(podman: PodmanClient, instance: string, signal: AbortSignal): Promise<readonly NetworkSpec[]> {
  const { body } = await podman.request({ method: 'GET', path: '/networks/json', signal });
  return wire.network
    .array()
    .parse(body ?? [])
    .filter(({ labels }) => labels[LABELS.instance] === instance)
    .map(({ name, subnets }) => ({ name, subnet: subnets[0]?.subnet ?? '' }));
}

/** With the containers in it: their addresses are gone anyway. */
export async function removeNetwork(podman: PodmanClient, name: string, signal: AbortSignal): Promise<void> {
  await podman.request({ method: 'DELETE', path: `/networks/${name}`, query: { force: true }, accept: [404], signal });
}

/** The first address of `10.x.101.0/24`. */
export function gatewayOf(subnet: string): string {
  const [base = ''] = subnet.split('/');
  const octets = base.split('.').map(Number);
  return [...octets.slice(0, 3), (octets[3] ?? 0) + 1].join('.');
}
