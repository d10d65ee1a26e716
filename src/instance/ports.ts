/** Who listens on a port: from /proc, so that it works before anything of ours is installed. */

import { readdir, readFile, readlink } from 'node:fs/promises';

export interface PortHolder {
  readonly port: number;
  readonly pid: number | undefined;
  /** For people, e.g. `/usr/sbin/nginx -g daemon on;`; undefined where it belongs to somebody that we may not see. */
  readonly command: string | undefined;
}

/** One LISTEN line of /proc/net/tcp or tcp6. */
export interface Listener {
  readonly port: number;
  readonly inode: string;
}

/** State 0A is LISTEN; ports and addresses are hex. */
export function parseListeners(text: string): readonly Listener[] {
  return [...text.matchAll(/^\s*\d+: [0-9A-F]+:(?<port>[0-9A-F]{4}) [0-9A-F]+:[0-9A-F]{4} 0A \S+ \S+ \S+ +\d+ +\d+ (?<inode>\d+)/gm)].map(
    ({ groups }) => ({ port: Number.parseInt(groups?.['port'] ?? '', 16), inode: groups?.['inode'] ?? '' }),
  );
}

/** TCP ports with a listener, IPv4 and IPv6. */
export async function readListening(): Promise<ReadonlySet<number>> {
  return new Set((await readListeners()).map(({ port }) => port));
}

/** Those of `ports` that somebody holds, with the holder. */
export async function portHolders(ports: readonly number[]): Promise<readonly PortHolder[]> {
  const wanted = new Set(ports);
  const listeners = (await readListeners()).filter(({ port }) => wanted.has(port));
  if (listeners.length === 0) return [];
  const owners = await socketOwners(new Set(listeners.map(({ inode }) => inode)));
  const holders = new Map<number, PortHolder>();
  for (const { port, inode } of listeners) {
    const pid = owners.get(inode);
    if (pid === undefined && holders.has(port)) continue;
    holders.set(port, { port, pid, command: pid === undefined ? undefined : await commandOf(pid) });
  }
  return [...holders.values()];
}

async function readListeners(): Promise<readonly Listener[]> {
  const texts = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')));
  return texts.flatMap((text) => parseListeners(text));
}

/** Socket inode → process. Processes may end while we look: what is gone holds nothing. */
async function socketOwners(inodes: ReadonlySet<string>): Promise<ReadonlyMap<string, number>> {
  const owners = new Map<string, number>();
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const fd of fds) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined && inodes.has(inode)) owners.set(inode, Number(pid));
    }
  }
  return owners;
}

async function commandOf(pid: number): Promise<string | undefined> {
  const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const command = text.replaceAll('\0', ' ').trim();
  return command === '' ? undefined : command.slice(0, 200);
}
