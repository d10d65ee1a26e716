/** Opens one SQLite file: pragmas, migrations with a copy kept before, transactions. */

import { chmodSync, existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

import { AntlerError } from '../kit/errors.ts';
import { transact } from './transaction.ts';

export interface Migration {
  /** SQL that brings the schema from the version before to this one. */
  readonly sql: string;
}

/**
 * The database at `path` (`:memory:` for tests) at the newest schema. Before a migration of existing data the file is copied to `<path>.v<old>`.
 * Throws `store/newer` when a newer Antler wrote it, `store/failed` when it cannot be opened.
 */
export function openDatabase(path: string, migrations: readonly Migration[]): DatabaseSync {
  const existed = path !== ':memory:' && existsSync(path);
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(path, { enableForeignKeyConstraints: true });
    if (path !== ':memory:') chmodSync(path, 0o600); // the home lets everybody pass; what SQLite puts beside it takes the same mode
    // FULL: a release or an approval that was answered must survive a power cut; there are few writes.
    db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000');
  } catch (error) {
    db?.close();
    throw new AntlerError('store/failed', `Cannot open ${path} as SQLite refuses it: ${String(error)}`, { cause: error });
  }
  try {
    migrate(db, { path, existed, migrations });
  } catch (error) {
    db.close();
    throw error;
  }
  return db;
}

interface MigrateOptions {
  readonly path: string;
  readonly existed: boolean;
  readonly migrations: readonly Migration[];
}

function migrate(db: DatabaseSync, options: MigrateOptions): void {
  const row = db.prepare('PRAGMA user_version').get();
  const version = Number(row?.['user_version'] ?? 0);
  const newest = options.migrations.length;
  if (version > newest) {
    throw new AntlerError('store/newer', `Cannot open ${options.path} as its schema is ${version} and this Antler knows ${newest}`);
  }
  if (version === newest) return;
  if (options.existed && version > 0) {
    const copy = `${options.path}.v${version}`;
    if (!existsSync(copy)) db.prepare('VACUUM INTO ?').run(copy);
  }
  for (const [index, migration] of options.migrations.entries()) {
    if (index < version) continue;
    transact(db, () => {
      db.exec(migration.sql);
      db.exec(`PRAGMA user_version = ${index + 1}`);
    });
  }
}
