/** What metrics.db needs of its disk without waiting for it on the event loop: an answer, a flush, and a reserve for when it is full. */

import { randomBytes } from 'node:crypto';
import { constants, readFileSync } from 'node:fs';
import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';

import { errnoOf } from '../../kit/errors.ts';

export interface Disk {
  /** Writes a byte through the thread pool: false where the disk does not answer in time. `full` and `read-only` are answers: SQLite says them again. */
  answers(timeoutMs: number): Promise<boolean>;
  /** Makes durable what was committed. SQLite would flush on the event loop, which takes a slow card hundreds of milliseconds. */
  flush(): Promise<void>;
  /** Room that is ours when the disk is full. */
  readonly reserve: Reserve;
  /** Of the database and its log. */
  bytes(): Promise<{ readonly all: number; readonly log: number }>;
}

export interface Reserve {
  there(): boolean;
  /** True where it is there. Makes it only where more is free than it takes. */
  keep(): Promise<boolean>;
  giveUp(): Promise<boolean>;
}

export function createDisk(path: string, reserveBytes: number): Disk {
  const reservePath = `${path}.reserve`;
  const log = `${path}-wal`;
  let there = false;
  let asked: Promise<void> | undefined;

  const sizeOf = async (file: string): Promise<number> => (await stat(file).catch(() => undefined))?.size ?? 0;

  const touch = async (): Promise<void> => {
    await using file = await open(`${path}.touch`, constants.O_WRONLY | constants.O_CREAT, 0o600);
    await file.write('.', 0);
  };

  return {
    async answers(timeoutMs) {
      // one question at a time: a disk that hangs must not take the whole pool
      asked ??= touch()
        .catch(() => undefined)
        .finally(() => (asked = undefined));
      const stop = new AbortController();
      const late = new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(false), timeoutMs);
        stop.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      try {
        return await Promise.race([asked.then(() => true), late]);
      } finally {
        stop.abort();
      }
    },
    async flush() {
      // Only the log: a process that closes the database file itself loses SQLite's locks on it.
      await using file = await open(log, 'r+');
      await file.datasync();
    },
    reserve: {
      there: () => there,
      async keep() {
        if (there) return true;
        if (reserveBytes === 0) return (there = true);
        if ((await sizeOf(reservePath)) >= reserveBytes) return (there = true);
        const { bavail, bsize } = await statfs(dirname(path));
        if (bavail * bsize < reserveBytes * 2) return false;
        try {
          await using file = await open(reservePath, 'w', 0o600);
          await file.writeFile(randomBytes(reserveBytes)); // zeros might take no room
          there = true;
        } catch (error) {
          await rm(reservePath, { force: true });
          if (errnoOf(error) !== 'ENOSPC') throw error;
        }
        return there;
      },
      async giveUp() {
        if (!there) return false;
        there = false;
        await rm(reservePath, { force: true });
        return true;
      },
    },
    async bytes() {
      const [main, wal] = await Promise.all([sizeOf(path), sizeOf(log)]);
      return { all: main + wal, log: wal };
    },
  };
}

/** Bytes that this thread has handed to write() so far. */
export function writtenByThread(): number {
  return Number(/^wchar: (\d+)/m.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1] ?? 0);
}
