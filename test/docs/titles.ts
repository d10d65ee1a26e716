/** The titles of tests, as the pages of proofs name them. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');

/** Of a file of tests, or of the cases that one of them runs by name. */
export function titlesOf(file: string): ReadonlySet<string> {
  const text = readFileSync(resolve(ROOT, file), 'utf8');
  const found = file.endsWith('.json') ? /"name": ("(?:[^"\\]|\\.)*")/g : /\btest\(\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")/g;
  return new Set([...text.matchAll(found)].map(([, title = '']) => title.slice(1, -1).replaceAll(/\\(.)/g, '$1')));
}
