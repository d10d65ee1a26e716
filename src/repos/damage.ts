/** Is the repository readable? Asked of `git fsck` once something failed, never before. */

import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { AntlerError, hasCode } from '../kit/errors.ts';
import { git, type GitOptions } from './git.ts';

/** On a small machine a large repository takes its time; longer than this nobody waits for a reason. */
const FSCK_MS = 120_000;

/** Our own folder in a repository: pushes that are under way, and the mark of a damage. */
export function ownFolder(path: string): string {
  return join(path, 'antler');
}

const markOf = (path: string): string => join(ownFolder(path), 'damaged');

/** Runs `work`; where git fails although it should not, finds out whether the repository is the reason. Throws `repos/damaged`. */
export async function guarded<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!hasCode(error, 'kit/exec-failed')) throw error;
    await refuseDamaged(path, signal, error);
    throw error;
  }
}

/** Throws `repos/damaged` where it is, and leaves a mark for `ensure`. */
export async function refuseDamaged(path: string, signal: AbortSignal, cause?: unknown): Promise<void> {
  const lines = await damage(path, { signal });
  if (lines === undefined) return;
  await mkdir(ownFolder(path), { recursive: true }).catch(() => undefined);
  await writeFile(markOf(path), `${lines.join('\n')}\n`).catch(() => undefined); // a full disk: it is found again
  throw new AntlerError('repos/damaged', `Cannot read the repository ${path} as git finds it damaged`, { lines, cause });
}

/** What git says of it; undefined: it is whole. */
export async function damage(path: string, { signal }: Pick<GitOptions, 'signal'>): Promise<readonly string[] | undefined> {
  try {
    await git(path, ['fsck', '--no-dangling', '--no-progress'], { signal, timeoutMs: FSCK_MS });
    return undefined;
  } catch (error) {
    if (hasCode(error, 'kit/exec-failed')) return (error as AntlerError).lines;
    if (hasCode(error, 'kit/timeout')) return undefined;
    throw error;
  }
}

export async function isMarked(path: string): Promise<boolean> {
  return stat(markOf(path)).then(
    () => true,
    () => false,
  );
}
