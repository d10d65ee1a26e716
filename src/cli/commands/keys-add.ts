/** `antler keys add`. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { addKey, readKey } from '../authorized-keys.ts';
import type { Context } from '../command.ts';
import { openKeysFile } from '../keys-file.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json, cwd } = context;
  const name = args.get('NAME');
  const given = args.get('KEY');
  const key = { ...readKey(/\s/.test(given.trim()) ? given : await fileAt(resolve(cwd, given))), name };
  const file = await openKeysFile(context);
  addKey(file.text, key, file.place); // what is wrong is said before anything is made
  const changed = await file.change((text) => addKey(text, key, file.place));
  if (json) out.object({ name, type: key.type, user: file.user, file: file.path, changed });
  else out.line(`${out.paint('green', '✓')} ${name} may push and fetch as ${file.user}: ${changed ? file.path : 'it was there'}`);
}

async function fileAt(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    throw new AntlerError(
      'repos/key',
      `Cannot read a key from ${path}: ${errnoOf(error) === 'ENOENT' ? 'no such file' : String(errnoOf(error))}`,
      {
        hint: 'Name a .pub file, or paste its line in quotes',
      },
    );
  }
}
