/** A job's log: one JSON array a line, written as lines come; bounded, whatever a job prints. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import type { RunLine } from '../types.ts';

export interface LogLimits {
  /** Bytes that are written as they come. */
  readonly headBytes: number;
  /** Of what comes after them, so many bytes of the last lines are kept. */
  readonly tailBytes: number;
}

export const LOG_LIMITS: LogLimits = { headBytes: 64 * 1024 * 1024, tailBytes: 1024 * 1024 };

export interface LogWriter extends AsyncDisposable {
  /** Waits while the disk is slower than the job. */
  write(line: RunLine): Promise<void>;
  /** Ends when what was written can be read. */
  flush(): Promise<void>;
}

/** What a line is in the file: `[at, step, kind, text, where?]`. */
export type Stored = readonly [number, number, RunLine['kind'], string, RunLine['where']?];

/** Makes the folder; a file that is there is gone on with. */
export async function openLog(path: string, limits: LogLimits = LOG_LIMITS): Promise<LogWriter> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = createWriteStream(path, { flags: 'a', mode: 0o600 });
  await once(file, 'open');
  let failed: Error | undefined;
  file.on('error', (error) => (failed = error)); // a full disk loses lines, not the run
  let written = 0;
  let dropped = 0;
  let tail: string[] = [];
  let tailBytes = 0;
  const put = async (text: string): Promise<void> => {
    if (failed !== undefined || file.write(text)) return;
    await Promise.race([once(file, 'drain'), once(file, 'close')]).catch(() => undefined);
  };
  return {
    async write({ at, step, kind, text, where }) {
      const stored: Stored = where === undefined ? [at, step, kind, text] : [at, step, kind, text, where];
      const line = `${JSON.stringify(stored)}\n`;
      written += line.length;
      if (written <= limits.headBytes) return put(line);
      tail.push(line);
      tailBytes += line.length;
      // Now and then, not at each line: removing from the front of a long list costs.
      if (tailBytes > 2 * limits.tailBytes) {
        const kept: string[] = [];
        let bytes = 0;
        for (const last of tail.toReversed()) {
          if (bytes + last.length > limits.tailBytes) break;
          bytes += last.length;
          kept.push(last);
        }
        dropped += tail.length - kept.length;
        tail = kept.toReversed();
        tailBytes = bytes;
      }
    },
    async flush() {
      if (failed !== undefined || file.writableLength === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      file.write('', () => resolve());
      await promise;
    },
    async [Symbol.asyncDispose]() {
      if (dropped > 0) {
        const said: Stored = [Date.now(), 0, 'system', `${dropped} lines are left out here: the log of a job is capped`];
        await put(`${JSON.stringify(said)}\n`);
      }
      for (const line of tail) await put(line);
      if (file.closed) return;
      file.end();
      await once(file, 'close').catch(() => undefined);
    },
  };
}
