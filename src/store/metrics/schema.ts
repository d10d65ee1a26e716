/** The schema of metrics.db and how the file is opened. It loads next to nothing of ours: the process that keeps house must start fast. */

import { DatabaseSync } from 'node:sqlite';

import { transact } from '../transaction.ts';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/**
 * `ts` counts minutes, hours or days since 1970. The key's order is what is written: minutes and hours come in by time, so a flush touches the right-hand
 * pages only. Days are read by target over years. Times of probes are tenths of a millisecond, of good ones only. `late` ones are among the `up`.
 */
const PROBE =
  'up INTEGER NOT NULL, down INTEGER NOT NULL, late INTEGER NOT NULL, sum INTEGER NOT NULL, min INTEGER NOT NULL, max INTEGER NOT NULL';
const TRAFFIC = 'requests INTEGER NOT NULL, errors INTEGER NOT NULL, lost INTEGER NOT NULL, hist BLOB NOT NULL';
const MACHINE =
  'ts INTEGER PRIMARY KEY, n INTEGER NOT NULL, cpu REAL NOT NULL, memory INTEGER NOT NULL, disk_free INTEGER NOT NULL, temperature REAL, written INTEGER NOT NULL';

const SCHEMA: readonly string[] = [
  `
    CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE target (
      id INTEGER PRIMARY KEY, environment TEXT NOT NULL, service TEXT NOT NULL, release TEXT NOT NULL, replica TEXT NOT NULL, check_name TEXT NOT NULL,
      first_day INTEGER NOT NULL, last_day INTEGER NOT NULL, UNIQUE (environment, service, release, replica, check_name)
    ) STRICT;
    CREATE TABLE probe_minute (ts INTEGER, target INTEGER, ${PROBE}, PRIMARY KEY (ts, target)) STRICT, WITHOUT ROWID;
    CREATE TABLE probe_hour (ts INTEGER, target INTEGER, ${PROBE}, hist BLOB NOT NULL, PRIMARY KEY (ts, target)) STRICT, WITHOUT ROWID;
    CREATE TABLE probe_day (ts INTEGER, target INTEGER, ${PROBE}, hist BLOB NOT NULL, PRIMARY KEY (target, ts)) STRICT, WITHOUT ROWID;
    CREATE TABLE traffic_minute (ts INTEGER, target INTEGER, ${TRAFFIC}, PRIMARY KEY (ts, target)) STRICT, WITHOUT ROWID;
    CREATE TABLE traffic_hour (ts INTEGER, target INTEGER, ${TRAFFIC}, PRIMARY KEY (ts, target)) STRICT, WITHOUT ROWID;
    CREATE TABLE traffic_day (ts INTEGER, target INTEGER, ${TRAFFIC}, PRIMARY KEY (target, ts)) STRICT, WITHOUT ROWID;
    CREATE TABLE machine_minute (${MACHINE}) STRICT;
    CREATE TABLE machine_hour (${MACHINE}) STRICT;
    CREATE TABLE transition (
      id INTEGER PRIMARY KEY, at INTEGER NOT NULL, environment TEXT NOT NULL, service TEXT NOT NULL, release TEXT NOT NULL, was TEXT NOT NULL,
      became TEXT NOT NULL, reason TEXT NOT NULL, evidence TEXT NOT NULL
    ) STRICT;
    CREATE INDEX transition_at ON transition (at);
    CREATE TABLE incident (
      id INTEGER PRIMARY KEY, cause TEXT NOT NULL, title TEXT NOT NULL, severity TEXT NOT NULL, environment TEXT NOT NULL, subjects TEXT NOT NULL,
      release TEXT NOT NULL, opened_at INTEGER NOT NULL, closed_at INTEGER, acknowledged_by TEXT, acknowledged_at INTEGER
    ) STRICT;
    CREATE INDEX incident_open ON incident (id) WHERE closed_at IS NULL;
    CREATE TABLE incident_entry (
      id INTEGER PRIMARY KEY, incident INTEGER NOT NULL, at INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, actor TEXT NOT NULL
    ) STRICT;
    CREATE INDEX incident_entry_incident ON incident_entry (incident, id);
  `,
];

export interface OpenFile {
  /** What SQLite keeps of the file in memory. */
  readonly cacheKb: number;
  /** How long a statement may wait (and block) while another process writes. */
  readonly busyMs: number;
  /** Whether a commit may carry the write-ahead log over into the file, which flushes: in the daemon never. */
  readonly checkpoint: boolean;
}

/** Opens and brings to the newest schema. Throws what SQLite says. */
export function openMetricsFile(path: string, options: OpenFile): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: options.busyMs });
  try {
    const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version === 0) db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    db.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 8388608; PRAGMA temp_store = MEMORY;
       PRAGMA cache_size = -${options.cacheKb}; PRAGMA wal_autocheckpoint = ${options.checkpoint ? 1000 : 0}`,
    );
    for (const [index, sql] of SCHEMA.entries()) {
      if (index < version) continue;
      transact(db, () => db.exec(`${sql}; PRAGMA user_version = ${index + 1}`));
    }
    db.prepare('SELECT max(id) FROM target').get(); // reads a page: a file that is no database is told now
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** A number that the file keeps of itself; 0 where it was never set. */
export function readMeta(db: DatabaseSync, name: MetaName): number {
  return Number(db.prepare('SELECT value FROM meta WHERE name = ?').get(name)?.['value'] ?? 0);
}

export function writeMeta(db: DatabaseSync, name: MetaName, value: number): void {
  db.prepare('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value);
}

/** First hour and first day that are not rolled up; first hour whose minutes are kept; when (ms) house was kept last. */
export type MetaName = 'hours' | 'days' | 'floor' | 'kept';

export type Failure = 'full' | 'read-only' | 'broken' | 'busy' | 'failed';

/** What an error of SQLite means for us, also one that was explained; undefined where it is not SQLite's: a bug. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Error && 'code' in error && error.code === 'store/failed') return failureOf(error.cause);
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  switch (error.errcode & 0xff) {
    case 5: // BUSY
    case 6: // LOCKED
      return 'busy';
    case 8: // READONLY
    case 3: // PERM
      return 'read-only';
    case 13: // FULL
      return 'full';
    case 11: // CORRUPT
    case 26: // NOTADB
      return 'broken';
    case 1: // ERROR: wrong SQL
    case 19: // CONSTRAINT: a value that no row may have
    case 20: // MISMATCH
    case 25: // RANGE
      return undefined;
    default:
      return 'failed'; // IOERR, CANTOPEN, NOMEM …
  }
}
