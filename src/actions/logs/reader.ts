/** Reads a job's log from its beginning; with `until` also what is still to come. */

import { open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { StringDecoder } from 'node:string_decoder';

import { errnoOf } from '../../kit/errors.ts';
import type { RunLine } from '../types.ts';
import type { Stored } from './writer.ts';

export interface ReadLogOptions {
  readonly job: string;
  /** Aborted when nothing more is written: what is there is still read. */
  readonly until: AbortSignal;
  readonly signal: AbortSignal;
}

const LOOK_MS = 50;
const CHUNK = 64 * 1024;

/** A line that a crash cut in half is left out; a log that was never begun is empty. */
export async function* readLog(path: string, { job, until, signal }: ReadLogOptions): AsyncGenerator<RunLine> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK);
  let position = 0;
  let rest = '';
  for (;;) {
    const ended = until.aborted; // asked before reading: what came in between is read once more
    const file = await open(path).catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (file !== undefined) {
      try {
        for (;;) {
          signal.throwIfAborted();
          const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
          if (bytesRead === 0) break;
          position += bytesRead;
          const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) {
            const read = parse(line, job);
            if (read !== undefined) yield read;
          }
        }
      } finally {
        await file.close();
      }
    }
    if (ended) return;
    await sleep(LOOK_MS, undefined, { signal: AbortSignal.any([until, signal]) }).catch(() => undefined);
    signal.throwIfAborted();
  }
}

function parse(line: string, job: string): RunLine | undefined {
  try {
    const [at, step, kind, text, where] = JSON.parse(line) as Stored;
    return { at, job, step, kind, text, ...(where === undefined ? {} : { where }) };
  } catch {
    return undefined;
  }
}
