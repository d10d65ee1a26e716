/** Reads what a new instance must keep clear of: routes, id ranges, listening ports; and whether the internet reaches the machine. */

import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';

import { exec } from '../kit/exec.ts';
import { isPublicMachine } from './listen.ts';
import type { HostRoute, IdLine } from './plan-blocks.ts';
import type { Surroundings } from './record.ts';

export async function readSurroundings(signal: AbortSignal): Promise<Surroundings> {
  const [routes, idLines, listening] = await Promise.all([readRoutes(signal), readIdLines(), readListening()]);
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

/** TCP ports with a listener, IPv4 and IPv6, from /proc: quicker than any program and there on every machine. */
export async function readListening(): Promise<ReadonlySet<number>> {
  const texts = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')));
  return new Set(texts.flatMap((text) => parseListening(text)));
}

/** State 0A is LISTEN; the port is the hex behind the colon of the local address. */
export function parseListening(text: string): readonly number[] {
  return [...text.matchAll(/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A /gm)].map((match) =>
    Number.parseInt(match[1] ?? '', 16),
  );
}

export function machineIsPublic(): boolean {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return isPublicMachine(all.filter((entry) => !entry.internal).map((entry) => entry.address));
}
