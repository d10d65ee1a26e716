/** Reads a job's log where it was left, as far as it goes now. */

import { open } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';

import { errnoOf } from '../../kit/errors.ts';
import type { RunLine } from '../types.ts';
import type { Stored } from './writer.ts';

export interface LogCursor {
  /** Lines that are there now and were not read yet, of steps up to `step`; what belongs to a later one waits. */
  read(step: number, signal: AbortSignal): AsyncGenerator<RunLine>;
}

const CHUNK = 64 * 1024;

/** A line that is not whole yet is read when it is; a log that was never begun is empty. */
export function openCursor(path: string, job: string): LogCursor {
  const decoder = new StringDecoder('utf8');
  let position = 0;
  let rest = '';
  let ready: string[] = [];
  let held: RunLine | undefined;

  const take = function* (step: number): Generator<RunLine, boolean> {
    for (;;) {
      held ??= parse(ready, job);
      if (held === undefined) return true;
      if (held.step > step) return false;
      yield held;
      held = undefined;
    }
  };
  return {
    async *read(step, signal) {
      if (!(yield* take(step))) return;
      const file = await open(path).catch((error: unknown) => {
        if (errnoOf(error) === 'ENOENT') return undefined;
        throw error;
      });
      if (file === undefined) return;
      try {
        const buffer = Buffer.alloc(CHUNK);
        for (;;) {
          signal.throwIfAborted();
          const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
          if (bytesRead === 0) return;
          position += bytesRead;
          const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
          rest = lines.pop() ?? '';
          ready = lines;
          if (!(yield* take(step))) return;
        }
      } finally {
        await file.close();
      }
    },
  };
}

/** The next line that can be read; one that a crash cut in half is left out. */
function parse(ready: string[], job: string): RunLine | undefined {
  for (let line = ready.shift(); line !== undefined; line = ready.shift()) {
    try {
      const [at, step, kind, text, where] = JSON.parse(line) as Stored;
      return { at, job, step, kind, text, ...(where === undefined ? {} : { where }) };
    } catch {
      // half a line
    }
  }
  return undefined;
}
