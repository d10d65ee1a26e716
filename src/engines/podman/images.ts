/** Images by digest, out of the instance's own plain-HTTP registry. */

import { AntlerError } from '../../kit/errors.ts';
import type { PodmanClient } from './client.ts';
import * as wire from './wire.ts';

export async function hasImage(podman: PodmanClient, reference: string, signal: AbortSignal): Promise<boolean> {
  const { status } = await podman.request({
    method: 'GET',
    path: `/images/${encodeURIComponent(reference)}/exists`,
    accept: [404],
    signal,
  });
  return status !== 404;
}

export async function pull(podman: PodmanClient, reference: string, signal: AbortSignal): Promise<void> {
  if (await hasImage(podman, reference, signal)) return;
  const { body } = await podman.request({
    method: 'POST',
    path: '/images/pull',
    query: { reference, tlsVerify: false, quiet: true }, // the compatible API cannot pull over plain HTTP
    accept: [400, 404, 500],
    signal,
  });
  const steps = wire.pullStep.array().safeParse(Array.isArray(body) ? body : [body]).data ?? [];
  if (steps.some(({ id }) => id !== undefined)) return;
  const said = steps.map(({ error, message }) => error ?? message).find((text) => text !== undefined);
  throw new AntlerError('engines/pull-failed', `Cannot pull ${reference} as ${said ?? 'Podman gave no image'}`);
}

export async function removeImage(podman: PodmanClient, reference: string, signal: AbortSignal): Promise<void> {
  await podman.request({ method: 'DELETE', path: `/images/${encodeURIComponent(reference)}`, accept: [404], signal });
}
