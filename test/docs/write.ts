/** `npm run docs`: writes every generated page. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { PAGES } from './pages.ts';

for (const [path, text] of Object.entries(PAGES)) {
  const file = resolve(import.meta.dirname, '../..', path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text());
}
