/** Starts, about once an hour, the process that rolls up, deletes and carries the write-ahead log over: it may wait for the disk as long as it takes. */

import { join } from 'node:path';
import process from 'node:process';

import type { Clock } from '../../kit/clock.ts';
import { exec } from '../../kit/exec.ts';
import { HOUR_MS, MINUTE_MS } from './schema.ts';

export interface Housekeeper {
  /** Starts it where something is due; `logBytes` is the size of the write-ahead log. */
  look(logBytes: number): void;
  /** Bytes that it wrote so far. */
  written(): number;
  ended(): Promise<void>;
}

export interface HouseOptions {
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A log that is longer is carried over before the hour is full. */
const LOG_BYTES = 4 * 1024 * 1024;
/** An hour is rolled up when its last minute has been written for sure. */
const GRACE_MS = 2 * MINUTE_MS;
const LIMIT_MS = 10 * MINUTE_MS;
const PROGRAM = join(import.meta.dirname, 'housekeeping.ts');

export function createHousekeeper(path: string, { clock, log, signal }: HouseOptions): Housekeeper {
  let hour = -1;
  let last = Number.NEGATIVE_INFINITY;
  let written = 0;
  let running: Promise<void> | undefined;

  const run = async (): Promise<void> => {
    try {
      const { stdout } = await exec([process.execPath, '--max-semi-space-size=1', PROGRAM, path, String(clock.now())], {
        signal,
        timeoutMs: LIMIT_MS,
      });
      written += Number(/^written (\d+)$/m.exec(stdout)?.[1] ?? 0);
      const problem = /^problem (.*)$/m.exec(stdout)?.[1];
      if (problem !== undefined) log(`history: cannot be rolled up yet: ${problem}`);
    } catch (error) {
      if (!signal.aborted) log(`history: cannot be rolled up yet: ${error instanceof Error ? error.message : String(error)}`);
    }
  };

  return {
    look(logBytes) {
      const now = clock.now();
      const current = Math.floor((now - GRACE_MS) / HOUR_MS);
      if (running !== undefined || signal.aborted) return;
      if (current === hour && !(logBytes > LOG_BYTES && Math.abs(now - last) >= MINUTE_MS * 5)) return;
      hour = current;
      last = now;
      running = run().finally(() => (running = undefined));
    },
    written: () => written,
    ended: async () => running,
  };
}
