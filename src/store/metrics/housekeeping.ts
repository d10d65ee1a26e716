/** A process of its own, for some tenths of a second an hour: `node housekeeping.ts <metrics.db> <now>`. */

import { readFileSync } from 'node:fs';
import process from 'node:process';

import { keepHouse } from './rollup.ts';
import { failureOf, openMetricsFile } from './schema.ts';

const [, , path = '', now = ''] = process.argv;
try {
  const db = openMetricsFile(path, { cacheKb: 4096, busyMs: 5000, checkpoint: false });
  try {
    keepHouse(db, Number(now));
  } finally {
    db.close();
  }
} catch (error) {
  if (failureOf(error) === undefined) throw error;
  process.stdout.write(`problem ${String(error)}\n`); // a full disk, for one: the next hour tries again
}
process.stdout.write(`written ${/^wchar: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1] ?? 0}\n`);
