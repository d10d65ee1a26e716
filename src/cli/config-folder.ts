/** The folder that the config lies in: here or above. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { AntlerError } from '../kit/errors.ts';

/** Absolute. Throws `config/missing`. */
export function configFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'antler.config.ts'))) return folder;
    if (folder === dirname(folder))
      throw new AntlerError('config/missing', `Cannot find antler.config.ts as neither ${from} nor a folder above has one`);
  }
}
