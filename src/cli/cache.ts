/** Where a command may keep what only saves time, beside the bootstrap's own cache. */

import { statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

/** Undefined where there is no home of our own: what sudo leaves of another's must not be filled by root. */
export function cacheFolder(name: string): string | undefined {
  const { HOME, XDG_CACHE_HOME } = process.env;
  if (HOME === undefined || statSync(HOME, { throwIfNoEntry: false })?.uid !== process.geteuid?.()) return undefined;
  return join(XDG_CACHE_HOME ?? join(HOME, '.cache'), 'antler', name);
}
