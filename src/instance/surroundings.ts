/** Reads what a new instance must keep clear of: routes, id ranges, listening ports; and whether the internet reaches the machine. */

import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

import { listeningPorts } from '../host/host.ts';
import { exec } from '../kit/exec.ts';
import { isPublicMachine } from './listen.ts';
import type { HostRoute, IdLine } from './plan-blocks.ts';
import type { Surroundings } from './record.ts';

export async function readSurroundings(signal: AbortSignal): Promise<Surroundings> {
  const [routes, idLines, listening] = await Promise.all([readRoutes(signal), readIdLines(), listeningPorts()]);
  return { routes, idLines, listening };
}

/** All tables: a policy route of a VPN counts as well as the main one. */
export async function readRoutes(signal: AbortSignal): Promise<readonly HostRoute[]> {
  const { stdout } = await exec(['ip', '-4', '-json', 'route', 'show', 'table', 'all'], { signal });
  const routes = (stdout.trim() === '' ? [] : JSON.parse(stdout)) as readonly { readonly dst: string; readonly gateway?: string }[];
  return routes.map((route) => ({ subnet: route.dst, gateway: route.gateway !== undefined }));
}

export async function readIdLines(): Promise<readonly IdLine[]> {
  const texts = await Promise.all(['/etc/subuid', '/etc/subgid'].map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text) => parseIdLines(text));
}

export function parseIdLines(text: string): readonly IdLine[] {
  return text.split('\n').flatMap((line) => {
    const [user, start, count] = line.trim().split(':');
    return user && start && count ? [{ user, start: Number(start), count: Number(count) }] : [];
  });
}

export function machineIsPublic(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return isPublicMachine(all.filter((entry) => !entry.internal).map((entry) => entry.address));
}
