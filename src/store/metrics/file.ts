/** Holds metrics.db open as far as that is possible: opens it again after a fault, moves a broken one aside and begins a new one. */

import { accessSync, chmodSync, constants, existsSync, renameSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { isoTime, type Clock } from '../../kit/clock.ts';
import { errnoOf } from '../../kit/errors.ts';
import { transact } from '../transaction.ts';
import { writtenByThread } from './disk.ts';
import { lastIncident, rescue } from './records.ts';
import { failureOf, openMetricsFile, type Failure } from './schema.ts';
import { createWriter, type Writer } from './write.ts';

export type Attempt<T> =
  | { readonly kind: 'done'; readonly value: T }
  | { readonly kind: 'failure'; readonly failure: Failure; readonly detail: string };

export interface MetricsFile {
  /** Tries; a fault of the file or its disk is a result, anything else (a bug) is thrown. */
  attempt<T>(work: (writer: Writer, db: DatabaseSync) => T): Attempt<T>;
  /** A question met `error`, which says that the file is broken: it is moved aside. */
  broken(error: unknown): void;
  /** Undefined while it cannot be opened. */
  db(): DatabaseSync | undefined;
  /** Of a connection that was refused something: the next attempt opens another. */
  close(): void;
  /** The highest id of an incident that was seen; where none can be: more than any file has. */
  lastIncident(): number;
  /** Bytes handed to write(). */
  written(): number;
  /** What became of a broken file, for people. */
  note(): string | undefined;
}

export interface FileOptions {
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

/** SQLite keeps so much of the file in the daemon's memory. */
const CACHE_KB = 512;

export function openFile(path: string, options: FileOptions): MetricsFile {
  let open: { readonly db: DatabaseSync; readonly writer: Writer } | undefined;
  let highest = 0;
  let opened = false;
  let written = 0;
  let note: string | undefined;

  const begin = (): { readonly db: DatabaseSync; readonly writer: Writer } => {
    if (open !== undefined) return open;
    // no waiting for others: that would block the event loop. Who writes tries again.
    const db = openMetricsFile(path, { cacheKb: CACHE_KB, busyMs: 0, checkpoint: false });
    try {
      chmodSync(path, 0o600);
    } catch (error) {
      db.close();
      throw error;
    }
    highest = Math.max(highest, lastIncident(db));
    opened = true;
    open = { db, writer: createWriter(db) };
    return open;
  };

  const close = (): void => {
    const closing = open;
    open = undefined;
    try {
      closing?.db.close();
    } catch (error) {
      options.log(`history: ${String(error)}`);
    }
  };

  const startAnew = (): void => {
    close();
    const aside = `${path}.broken-${isoTime(options.clock.now()).replaceAll(/[:.]/g, '-')}`;
    for (const end of ['', '-wal', '-shm']) if (existsSync(path + end)) renameSync(path + end, aside + end);
    const { db, writer } = begin();
    const saved = saveFrom(aside, db, writer);
    highest = Math.max(highest, lastIncident(db));
    note = `the history was broken and begins anew; what it was is kept as ${basename(aside)}, ${saved} transitions and incidents came over`;
    options.log(`history: ${note}`);
  };

  const once = <T>(work: (writer: Writer, db: DatabaseSync) => T): Attempt<T> => {
    const before = writtenByThread();
    try {
      const { writer, db } = begin();
      return { kind: 'done', value: work(writer, db) };
    } catch (error) {
      const failure = failureOf(error) ?? (errnoOf(error) === 'EROFS' ? 'read-only' : undefined);
      if (failure === undefined) throw error;
      const said = failure === 'failed' && isOnReadOnlyDisk(path) ? 'read-only' : failure; // SQLite only says that it cannot open its log
      return { kind: 'failure', failure: said, detail: error instanceof Error ? error.message : String(error) };
    } finally {
      written += writtenByThread() - before;
    }
  };

  const attempt: MetricsFile['attempt'] = (work) => {
    const first = once(work);
    if (first.kind === 'done' || first.failure !== 'broken') return first;
    try {
      startAnew();
    } catch (error) {
      return { kind: 'failure', failure: 'failed', detail: `a broken file cannot be moved aside: ${String(error)}` };
    }
    return once(work);
  };

  return {
    attempt,
    broken(error) {
      let told = false;
      attempt(() => {
        if (told) return;
        told = true;
        throw error;
      });
    },
    db: () => open?.db,
    close,
    lastIncident: () => (opened ? highest : Math.floor(options.clock.now() / 1000)),
    written: () => written,
    note: () => note,
  };
}

function isOnReadOnlyDisk(path: string): boolean {
  try {
    accessSync(dirname(path), constants.W_OK);
    return false;
  } catch (error) {
    return errnoOf(error) === 'EROFS';
  }
}

function saveFrom(path: string, db: DatabaseSync, writer: Writer): number {
  try {
    const broken = new DatabaseSync(path);
    try {
      return transact(db, () => rescue(broken, writer));
    } finally {
      broken.close();
    }
  } catch {
    return 0; // nothing in it can be read
  }
}
