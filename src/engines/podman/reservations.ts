/** Addresses that CNI (Debian 12) notes as taken, in files: after an unclean stop or a reboot without systemd they stay, and nobody would ever give them back. */

import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { PodmanClient } from './client.ts';

const FOLDER = '/var/lib/cni/networks';

export interface Reservation {
  readonly network: string;
  readonly address: string;
  /** The container that wants it, and does not run. */
  readonly id: string;
}

/** Frees the address where its holder is the container itself, or one that is no more. netavark keeps its notes in memory: nothing to do there. */
export async function freeReservation(podman: PodmanClient, { network, address, id }: Reservation, signal: AbortSignal): Promise<void> {
  const path = join(FOLDER, network, address);
  const holder = await holderOf(path);
  if (holder === undefined) return;
  if (holder !== id) {
    const { status } = await podman.request({ method: 'GET', path: `/containers/${holder}/exists`, accept: [404], signal });
    if (status !== 404) return;
  }
  await rm(path, { force: true });
}

/** The file's first line is the container's id. */
async function holderOf(path: string): Promise<string | undefined> {
  try {
    const id = (await readFile(path, 'utf8')).split(/\s/, 1)[0] ?? '';
    return /^[0-9a-f]{64}$/.test(id) ? id : undefined;
  } catch {
    return undefined;
  }
}
