/** Files that survive a crash: written beside, flushed, then renamed. */

import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface WriteOptions {
  /** Permission bits, e.g. 0o600; 0o644 by default. */
  readonly mode?: number;
  /** Numeric user and group; our own by default. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Puts `bytes` at `path` so that a crash at any moment leaves the old file or the new one, whole. Makes the folder. */
export async function writeFileAtomic(path: string, bytes: string | Uint8Array, options: WriteOptions = {}): Promise<void> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const beside = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await using file = await open(beside, 'wx', options.mode ?? 0o644);
    await file.chmod(options.mode ?? 0o644); // the umask may have taken bits
    if (options.owner !== undefined) await file.chown(options.owner.uid, options.owner.gid);
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
  await rename(beside, path);
  await using parent = await open(folder, 'r');
  await parent.sync();
}
