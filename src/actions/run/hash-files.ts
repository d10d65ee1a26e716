/** `hashFiles()`: one hash over the files that globs name, empty where they name none. */

import { createHash } from 'node:crypto';
import { closeSync, globSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
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
  const real = realpathSync(join(root, path));
  if (!real.startsWith(`${root}${sep}`) || !statSync(real).isFile()) return undefined;
  const hash = createHash('sha256');
  const file = openSync(real, 'r');
  try {
    const chunk = Buffer.allocUnsafe(1024 * 1024);
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk)) hash.update(chunk.subarray(0, size));
  } finally {
    closeSync(file);
  }
  return hash.digest();
}
