/** What a container engine keeps outside of our homes, and its packages leave behind when they go. */

import { readdir, readFile, rm, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { errnoOf } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { isNamedAfter } from './sweep.ts';

/** Where the engine keeps images, and what containers write to their own file systems. */
export const ENGINE_STORAGE = '/var/lib/containers';
/** Made by the engine or its packages; what is within comes first. */
const FOLDERS = [
  'etc/cni/net.d',
  'etc/cni',
  'var/lib/cni/networks',
  'var/lib/cni/results',
  'var/lib/cni',
  'etc/containers/networks',
  'etc/containers',
  ENGINE_STORAGE,
];

/** Addresses that CNI noted for an instance's networks: it keeps the note of a network that is gone. */
export async function removeAddressNotes(id: string, root = '/'): Promise<void> {
  const folder = join(root, 'var/lib/cni/networks');
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => isNamedAfter(one, id))) await rm(join(folder, name), { recursive: true, force: true });
}

/** Nobody's container, image or volume is there. False where that cannot be told. */
export async function isEngineEmpty(signal: AbortSignal): Promise<boolean> {
  const lists = [
    ['ps', '--all', '--external', '--quiet'],
    ['images', '--all', '--quiet'],
    ['volume', 'ls', '--quiet'],
  ];
  try {
    const said = await Promise.all(lists.map((args) => exec(['podman', ...args], { signal })));
    return said.every(({ stdout }) => stdout.trim() === '');
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

/** After an engine that was empty: its storage, and its folders where nothing else is in them. Stays where the engine does. */
export async function removeEngineRemains(signal: AbortSignal, root = '/'): Promise<void> {
  if (await isThere(join(root, 'usr/bin/podman'))) return;
  const storage = join(root, ENGINE_STORAGE, 'storage');
  for (const path of mountsBelow(await readFile('/proc/self/mountinfo', 'utf8'), storage)) await exec(['umount', path], { signal });
  for (const name of ['storage', 'cache']) await rm(join(root, ENGINE_STORAGE, name), { recursive: true, force: true });
  const notes = join(root, 'var/lib/cni/networks/podman'); // its own network, for what has none
  if ((await readdir(notes).catch(() => [])).every((name) => !/^\d/.test(name))) await rm(notes, { recursive: true, force: true });
  await rm(join(root, 'etc/cni/net.d/cni.lock'), { force: true });
  for (const folder of FOLDERS) {
    await rmdir(join(root, folder)).catch((error: unknown) => {
      if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error;
    });
  }
}

/** Deepest first. Podman mounts a folder of its storage on itself, and nobody takes that away. */
export function mountsBelow(mountinfo: string, folder: string): readonly string[] {
  const points = mountinfo.split('\n').map((line) => line.split(' ')[4] ?? '');
  return points.filter((point) => point.startsWith(`${folder}/`)).toSorted((left, right) => right.length - left.length);
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
