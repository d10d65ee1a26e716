/** Reads the files of a definition that exist. */

import { readFile } from 'node:fs/promises';

import { errnoOf } from '../../kit/errors.ts';

export async function readExisting(paths: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {};
  for (const path of paths) {
    const content = await readFile(path, 'utf8').catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
      throw error;
    });
    if (content !== undefined) files[path] = content;
  }
  return files;
}
