/** Moves what a folder holds into another that somebody else may write to: no link on the way is followed. */

import { constants } from 'node:fs';
import { cp, mkdir, open, readdir, readlink, rename } from 'node:fs/promises';
import { join } from 'node:path';

import { AntlerError, errnoOf } from '../kit/errors.ts';

/** `to` is made where it is absent; its parents are without links, or it is refused. Throws `api/denied`. */
export async function moveInto(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  await using folder = await open(to, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch((cause: unknown) => {
    throw refused(to, cause);
  });
  // What we hold now is what we write to, whatever happens to the path.
  const held = `/proc/self/fd/${folder.fd}`;
  if ((await readlink(held)) !== to) throw refused(to);
  for (const name of await readdir(from)) await moveOne(join(from, name), `${held}/${name}`);
}

async function moveOne(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'EXDEV') throw error;
    await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true, errorOnExist: true, force: false });
  }
}

function refused(to: string, cause?: unknown): AntlerError {
  return new AntlerError('api/denied', `Cannot write to ${to} as a link is on the way`, {
    hint: 'Name a folder that is no link and has none above it',
    cause,
  });
}
