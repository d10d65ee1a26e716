/** Named volumes: Podman gives a new one to the first container's user, within its mapped range. */

import { LABELS } from '../labels.ts';
import type { PodmanClient } from './client.ts';
import * as wire from './wire.ts';

export async function ensureVolume(
  podman: PodmanClient,
  { name, instance }: { readonly name: string; readonly instance: string },
  signal: AbortSignal,
): Promise<void> {
  const { status } = await podman.request({ method: 'GET', path: `/volumes/${name}/exists`, accept: [404], signal });
  if (status !== 404) return;
  await podman.request({ method: 'POST', path: '/volumes/create', body: { Name: name, Label: { [LABELS.instance]: instance } }, signal });
}

export async function listVolumes(podman: PodmanClient, instance: string, signal: AbortSignal): Promise<readonly string[]> {
  const { body } = await podman.request({ method: 'GET', path: '/volumes/json', signal });
  return wire.volume
    .array()
    .parse(body ?? [])
    .filter(({ Labels }) => Labels?.[LABELS.instance] === instance)
    .map(({ Name }) => Name);
}

export async function removeVolume(podman: PodmanClient, name: string, signal: AbortSignal): Promise<void> {
  await podman.request({ method: 'DELETE', path: `/volumes/${name}`, accept: [404], signal });
}
