/** `hashFiles()`: one hash over the files that globs name, empty where they name none. */

import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, globSync, openSync, readlinkSync, readSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';

/** Relative to the workspace; a pattern that begins with `!` takes back. Links that lead out of it are passed over. */
export function hashFiles(workspace: string, patterns: readonly string[]): string {
  const root = realpathSync(workspace);
  const found = new Set<string>();
  for (const pattern of patterns.flatMap((text) => text.split('\n')).map((text) => text.trim())) {
    if (pattern === '' || pattern.startsWith('#')) continue;
    const takes = pattern.startsWith('!');
    const relative = (takes ? pattern.slice(1) : pattern).replace(/^\.?\//, '');
    for (const path of globSync(relative, { cwd: root })) {
      if (takes) found.delete(path);
      else found.add(path);
    }
  }
  const all = createHash('sha256');
  let any = false;
  for (const path of [...found].toSorted()) {
    const digest = hashOf(root, path);
    if (digest === undefined) continue;
    all.update(digest);
    any = true;
  }
  return any ? all.digest('hex') : '';
}

function hashOf(root: string, path: string): Buffer | undefined {
  const hash = createHash('sha256');
  let file: number;
  try {
    file = openSync(join(root, path), constants.O_RDONLY | constants.O_NONBLOCK); // a named pipe must not hold us up
  } catch {
    return undefined; // a link to nowhere, or a file that went meanwhile
  }
  try {
    // What was opened is asked, not the path: who writes there may have led it elsewhere meanwhile.
    if (!readlinkSync(`/proc/self/fd/${file}`).startsWith(`${root}${sep}`) || !fstatSync(file).isFile()) return undefined;
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) hash.update(chunk.subarray(0, size));
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
