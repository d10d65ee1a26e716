/** A job's log: one JSON array a line, written as lines come; bounded, whatever a job prints. */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { formatSize } from '../../kit/units.ts';
import type { RunLine } from '../types.ts';

export interface LogLimits {
  /** Bytes that are written as they come. */
  readonly headBytes: number;
  /** Of what comes after them, so many bytes of the last lines are kept. */
  readonly tailBytes: number;
}

export const LOG_LIMITS: LogLimits = { headBytes: 64 * 1024 * 1024, tailBytes: 1024 * 1024 };

type Line = Pick<RunLine, 'at' | 'step' | 'kind' | 'text' | 'where'>;

/** Of lines that a full disk refused. */
const REFUSED_BYTES = 64 * 1024;

export interface LogWriter extends AsyncDisposable {
  /** A promise where the disk is slower than the job: the next line may come when it is done. */
  write(line: RunLine): Promise<void> | void;
  /** Ends when what was written can be read. */
  flush(): Promise<void>;
}

/** What a line is in the file: `[at, step, kind, text, where?]`. */
export type Stored = readonly [number, number, RunLine['kind'], string, RunLine['where']?];

/** Milliseconds until writing is tried again where the disk refused it. */
const AGAIN_MS = 1000;

/** Makes the folder; a file that is there is gone on with. A full disk loses lines, not the run: the last of them are written once there is room. */
export async function openLog(path: string, limits: LogLimits = LOG_LIMITS): Promise<LogWriter> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  let failedAt: number | undefined;
  const begin = (): WriteStream => {
    const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
    stream.on('error', () => (failedAt = performance.now()));
    return stream;
  };
  let file = begin();
  await once(file, 'open');
  let written = 0;
  let full = false;
  const tail = createTail(limits.tailBytes);
  const refused = createTail(REFUSED_BYTES);

  const drained = async (): Promise<void> => {
    await Promise.race([once(file, 'drain'), once(file, 'close')]).catch(() => undefined);
  };
  const append = (line: Line): Promise<void> | void => {
    const text = textOf(line);
    written += text.length;
    return file.write(text) ? undefined : drained();
  };
  const put = (line: Line): Promise<void> | void => {
    if (failedAt === undefined) return append(line);
    refused.push(line);
    return performance.now() - failedAt < AGAIN_MS ? undefined : again();
  };
  /** After what the disk took: maybe half a line. */
  const again = (): Promise<void> | void => {
    failedAt = undefined;
    file = begin();
    file.write('\n');
    const { lines } = refused.end();
    const { at, step } = lines[0] ?? { at: Date.now(), step: 0 };
    const kept = [{ at, step, kind: 'warning', text: 'Lines are missing here: the disk was full' } as const, ...lines];
    return kept.map(append).at(-1);
  };
  return {
    write(line) {
      if (!full && written + line.text.length <= limits.headBytes) return put(line);
      tail.push(line);
      if (full) return undefined;
      full = true;
      const text = `The log of this job is full (${formatSize(limits.headBytes)}): of what comes now, only the last lines are kept`;
      return put({ at: line.at, step: line.step, kind: 'warning', text });
    },
    async flush() {
      if (failedAt !== undefined || file.writableLength === 0) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      file.write('', () => resolve());
      await promise;
    },
    async [Symbol.asyncDispose]() {
      if (failedAt !== undefined) await again();
      const { lines, dropped } = tail.end();
      if (dropped > 0)
        await put({ at: Date.now(), step: 0, kind: 'warning', text: `${dropped} lines are left out here: the log of a job is capped` });
      for (const line of lines) await put(line);
      if (file.closed) return;
      file.end();
      await once(file, 'close').catch(() => undefined);
    },
  };
}

function textOf({ at, step, kind, text, where }: Line): string {
  const stored: Stored = where === undefined ? [at, step, kind, text] : [at, step, kind, text, where];
  return `${JSON.stringify(stored)}\n`;
}

interface Tail {
  push(line: Line): void;
  end(): { readonly lines: readonly Line[]; readonly dropped: number };
}

/** The last lines, about so many bytes of them. */
function createTail(maxBytes: number): Tail {
  let lines: Line[] = [];
  let bytes = 0;
  let dropped = 0;
  const trim = (): void => {
    let kept = lines.length;
    for (bytes = 0; kept > 0; kept -= 1) {
      const { length } = lines[kept - 1]?.text ?? '';
      if (bytes + length > maxBytes) break;
      bytes += length;
    }
    dropped += kept;
    lines = lines.slice(kept);
  };
  return {
    push(line) {
      lines.push(line);
      bytes += line.text.length;
      // Now and then, not at each line: removing from the front of a long list costs.
      if (bytes > 2 * maxBytes) trim();
    },
    end() {
      if (bytes > maxBytes) trim();
      const ended = { lines, dropped };
      [lines, bytes, dropped] = [[], 0, 0];
      return ended;
    },
  };
}
