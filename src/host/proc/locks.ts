/** Who holds a file lock: /proc/locks names processes by inode, their open files prove it. */

import { readdir, readFile, readlink, stat } from 'node:fs/promises';

import { errnoOf } from '../../kit/errors.ts';

export interface Holder {
  readonly pid: number;
  /** As typed, e.g. `apt-get upgrade`; a kernel name in brackets where there are no words. */
  readonly command: string;
}

export interface KernelLock {
  readonly pid: number;
  readonly inode: number;
}

/** `1: POSIX  ADVISORY  WRITE 1234 fe:00:131 0 EOF`; waiters (`1: -> POSIX …`) hold nothing. */
export function parseLocks(text: string): readonly KernelLock[] {
  return text.split('\n').flatMap((line) => {
    const found = /^\d+: (?:POSIX|FLOCK|OFDLCK)\s+\S+\s+(?:WRITE|READ)\s+(-?\d+) \S+:(\d+) /.exec(line);
    return found === null ? [] : [{ pid: Number(found[1]), inode: Number(found[2]) }];
  });
}

/** The first process that holds a lock on one of these files. */
export async function lockHolder(paths: readonly string[]): Promise<Holder | undefined> {
  const locks = parseLocks(await readFile('/proc/locks', 'utf8'));
  for (const path of paths) {
    const inode = await stat(path).then(
      (seen) => seen.ino,
      () => undefined,
    );
    for (const lock of locks) {
      if (lock.inode !== inode || lock.pid <= 0) continue;
      // inode numbers repeat on other disks
      if (await hasOpen(lock.pid, path)) return { pid: lock.pid, command: await commandOf(lock.pid) };
    }
  }
  return undefined;
}

/** Words of a process's command line, for people. */
export async function commandOf(pid: number): Promise<string> {
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (words !== '')
    return words
      .replaceAll(/[\p{Cc}\s]+/gu, ' ')
      .trim()
      .slice(0, 120);
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '?');
  return `[${name.trim()}]`;
}

async function hasOpen(pid: number, path: string): Promise<boolean> {
  const folder = `/proc/${pid}/fd`;
  const fds = await readdir(folder).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'EACCES') return [];
    throw error;
  });
  for (const fd of fds) if ((await readlink(`${folder}/${fd}`).catch(() => '')) === path) return true;
  return false;
}
