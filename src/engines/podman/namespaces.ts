/** Network namespaces that outlive their container: a ghost answers for the address of the next one. Found by looking into each, removed where nobody lives in it. */

import { mkdir, readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { AntlerError } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';

const FOLDER = '/run/netns';
const addresses = z.array(z.object({ ifname: z.string().optional(), addr_info: z.array(z.object({ local: z.string() })).optional() }));

export interface Holder {
  readonly address: string;
  /** Path of the namespace that may hold it: the container's own. */
  readonly own: string | undefined;
}

export interface Namespaces {
  /**
   * To be called before a container starts. Podman's monitor of a container with a mapped root has a mount namespace of its own; what it unmounts there after
   * the container's end goes from the machine only where /run/netns is a shared mount. Under systemd it is; elsewhere each such end left a ghost.
   */
  ensureShared(signal: AbortSignal): Promise<void>;
  /** Removes ghosts that hold the address. Throws `engines/ghost-address` where processes live in the other namespace. */
  proveAlone(holder: Holder, signal: AbortSignal): Promise<void>;
  /** After a container's removal: its namespace is gone, or is made to go. */
  ensureGone(path: string, signal: AbortSignal): Promise<void>;
}

export function createNamespaces(): Namespaces {
  /** Addresses do not change in a namespace's life: each is looked into once. */
  const seen = new Map<string, readonly string[]>();

  async function holdersOf({ address, own }: Holder, signal: AbortSignal): Promise<readonly string[]> {
    const names = await namespaceNames();
    const keys = new Set<string>();
    const holders: string[] = [];
    for (const name of names) {
      if (own !== undefined && name === basename(own)) continue;
      const inode = await inodeOf(join(FOLDER, name));
      if (inode === undefined) continue;
      const key = `${name} ${inode}`;
      keys.add(key);
      const held = seen.get(key) ?? (await addressesIn(name, signal));
      if (held.length > 0) seen.set(key, held); // one without addresses is still in the making
      if (held.includes(address)) holders.push(name);
    }
    for (const key of seen.keys()) if (!keys.has(key)) seen.delete(key);
    return holders;
  }

  return {
    async ensureShared(signal) {
      if (isShared(await readFile('/proc/self/mountinfo', 'utf8'), FOLDER)) return;
      await mkdir(FOLDER, { recursive: true });
      await exec(['mount', '--rbind', FOLDER, FOLDER], { signal }); // with what is mounted below: it stays reachable
      await exec(['mount', '--make-rshared', FOLDER], { signal });
    },
    async proveAlone(holder, signal) {
      const ghosts = await holdersOf(holder, signal);
      for (const name of ghosts) {
        const pid = await inhabitant(name);
        if (pid !== undefined) {
          throw new AntlerError(
            'engines/ghost-address',
            `Cannot use ${holder.address} as the network namespace ${name} answers for it, too: process ${pid} lives there`,
          );
        }
        await removeNamespace(name, signal);
      }
      // Who spoke to the ghost has its hardware address still in mind.
      if (ghosts.length > 0) await exec(['ip', 'neigh', 'flush', 'to', holder.address], { signal, accept: [1, 2] });
    },
    async ensureGone(path, signal) {
      const name = basename(path);
      if (!(await namespaceNames()).includes(name) || (await inhabitant(name)) !== undefined) return;
      await removeNamespace(name, signal);
    },
  };
}

/** Does the folder lie on a shared mount? From /proc/self/mountinfo. */
export function isShared(mountinfo: string, folder: string): boolean {
  const above = mountinfo
    .split('\n')
    .map((line) => line.split(' '))
    .map(([, , , , point = '', , ...rest]) => ({
      point,
      shared: rest.slice(0, rest.indexOf('-')).some((tag) => tag.startsWith('shared:')),
    }))
    .filter(({ point }) => point === folder || point === '/' || (point !== '' && folder.startsWith(`${point}/`)));
  // The deepest one counts; of several at one place the last.
  return above.reduce((best, mount) => (mount.point.length >= best.point.length ? mount : best), { point: '', shared: false }).shared;
}

async function namespaceNames(): Promise<readonly string[]> {
  try {
    return await readdir(FOLDER);
  } catch {
    return []; // nobody made one since the machine started
  }
}

async function addressesIn(name: string, signal: AbortSignal): Promise<readonly string[]> {
  const { stdout, exitCode } = await exec(['ip', '-n', name, '-4', '-j', 'address', 'show'], { signal, accept: [1, 2, 255] });
  if (exitCode !== 0) return []; // it went while we looked
  return addresses
    .parse(JSON.parse(stdout.trim() === '' ? '[]' : stdout))
    .filter(({ ifname }) => ifname !== 'lo')
    .flatMap(({ addr_info = [] }) => addr_info.map(({ local }) => local));
}

/** A process that lives in the namespace. */
async function inhabitant(name: string): Promise<number | undefined> {
  const inode = await inodeOf(join(FOLDER, name));
  if (inode === undefined) return undefined;
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      if ((await readlink(`/proc/${pid}/ns/net`)) === `net:[${inode}]`) return Number(pid);
    } catch {
      // it ended while we looked
    }
  }
  return undefined;
}

async function removeNamespace(name: string, signal: AbortSignal): Promise<void> {
  await exec(['ip', 'netns', 'delete', name], { signal, accept: [1, 2, 255] });
  if ((await inodeOf(join(FOLDER, name))) === undefined) return;
  throw new AntlerError('engines/ghost-address', `Cannot remove the network namespace ${name} that no container owns`);
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino;
  } catch {
    return undefined;
  }
}
