/** A fresh copy of a working tree as it stands, changes and new files included, what git ignores left out. */

import { cpSync, lstatSync, mkdirSync, readlinkSync, symlinkSync, copyFileSync, constants, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { exec } from '../../kit/exec.ts';
import type { LocalGit } from './git.ts';

export interface CopyOptions {
  readonly from: Pick<LocalGit, 'root' | 'isGit' | 'committed'>;
  /** Made where it is absent. */
  readonly to: string;
  /** What `origin` is in the copy: nothing that a job pushes by mistake arrives. */
  readonly origin: string;
}

export async function copyTree({ from, to, origin }: CopyOptions, signal: AbortSignal): Promise<void> {
  mkdirSync(to, { recursive: true });
  if (!from.isGit) {
    cpSync(from.root, to, { recursive: true, verbatimSymlinks: true, filter: (path) => path !== join(from.root, '.git') });
    return;
  }
  const list = await exec(['git', '-C', from.root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    signal,
  });
  if (from.committed) await cloneInto({ from, to, origin }, signal);
  const made = new Set<string>();
  for (const path of new Set(list.stdout.split('\0'))) {
    if (path === '') continue;
    const folder = dirname(path);
    if (!made.has(folder)) {
      mkdirSync(join(to, folder), { recursive: true });
      made.add(folder);
    }
    copyOne(join(from.root, path), join(to, path));
  }
}

/** The history, without a byte copied: objects are read where they are. */
async function cloneInto({ from, to, origin }: CopyOptions, signal: AbortSignal): Promise<void> {
  await exec(['git', 'clone', '--quiet', '--shared', '--no-checkout', '--no-tags', '--', from.root, to], { signal });
  const settle: readonly (readonly string[])[] = [
    ['config', 'remote.origin.url', origin],
    ['reset', '--quiet', '--mixed'],
  ];
  for (const args of settle) await exec(['git', '-C', to, ...args], { signal });
}

/** Listed but deleted in the working tree: absent in the copy as well. A submodule is a folder: left empty, as on GitHub. */
function copyOne(from: string, to: string): void {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (stat.isSymbolicLink()) return symlinkSync(readlinkSync(from), to);
  if (stat.isDirectory()) return void mkdirSync(to, { recursive: true });
  if (!stat.isFile()) return;
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  chmodSync(to, stat.mode & 0o777);
}
