/** All of it or nothing. It loads nothing of ours: the process that keeps house must start fast. */

import type { DatabaseSync } from 'node:sqlite';

export function transact<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK'); // SQLite may have done so itself: full disk, broken file
    throw error;
  }
}
