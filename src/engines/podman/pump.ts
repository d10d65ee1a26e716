/** Hands a command's output on, piece by piece, until it has ended; what it left running may go on writing, and is not heard. */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** After the command's end: so many milliseconds without a byte mean that all is told. */
const QUIET = 100;
/** More than the pipe and our buffer hold cannot be the command's own. */
const REST = 256 * 1024;

export interface Pump {
  /** To be called when the command has ended; returns when all that it wrote is told. Throws what the listener threw. */
  finish(): Promise<void>;
}

export function pump(reader: Socket, tell: (bytes: Uint8Array) => Promise<void> | void): Pump {
  let heard = true;
  let busy = false;
  let last = performance.now();
  let rest: number | undefined;
  const over = (async () => {
    for await (const bytes of reader as AsyncIterable<Buffer>) {
      if (!heard) continue; // a background process lives on: its pipe must not fill, nor break
      busy = true;
      await tell(bytes);
      busy = false;
      last = performance.now();
      if (rest !== undefined) rest += bytes.length;
    }
  })();
  over.catch(() => reader.destroy());

  async function quiet(): Promise<void> {
    rest = 0;
    last = performance.now();
    for (;;) {
      await delay(QUIET / 4);
      if (rest > REST || (!busy && performance.now() - last > QUIET)) break;
    }
    heard = false;
  }

  return {
    finish: async () => Promise.race([over, quiet()]),
  };
}
