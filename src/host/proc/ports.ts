/** Who listens on a TCP port. */

import { readdir, readFile, readlink } from 'node:fs/promises';

import { commandOf, type Holder } from './locks.ts';

export interface Listener {
  readonly port: number;
  readonly inode: number;
}

const LISTEN = '0A';

/** Rows of /proc/net/tcp and tcp6 that listen. */
export function parseListeners(text: string): readonly Listener[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    const port = Number.parseInt(local.split(':').at(-1) ?? '', 16);
    return state === LISTEN && Number.isInteger(port) ? [{ port, inode: Number(inode) }] : [];
  });
}

/** TCP ports with a listener, on whatever address. */
export async function listeningPorts(): Promise<ReadonlySet<number>> {
  return new Set((await readTables()).map(({ port }) => port));
}

/** The process that listens on the port, on whatever address; undefined where the port is free. Seeing other users' processes needs root. */
export async function portHolder(port: number): Promise<Holder | undefined> {
  const inodes = new Set((await readTables()).filter((listener) => listener.port === port).map(({ inode }) => `socket:[${inode}]`));
  if (inodes.size === 0) return undefined;
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const pid = Number(entry);
    if (await holdsOneOf(pid, inodes)) return { pid, command: await commandOf(pid) };
  }
  return { pid: 0, command: 'a process that we may not see' };
}

async function readTables(): Promise<readonly Listener[]> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((path) => readFile(path, 'utf8').catch(() => '')));
  return tables.flatMap((table) => parseListeners(table));
}

async function holdsOneOf(pid: number, links: ReadonlySet<string>): Promise<boolean> {
  const fds = await readdir(`/proc/${pid}/fd`).catch(() => []); // ended meanwhile, or not ours to see
  for (const fd of fds) if (links.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''))) return true;
  return false;
}
