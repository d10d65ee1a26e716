/** Reads what a process prints until it has ended, and not for ever where something that it started holds the pipe open. */

import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/** After the process has ended: so long without a byte, and the pipe belongs to somebody in the background. */
const QUIET_MS = 100;
/** And this long at most where that somebody keeps printing; GitHub's time. */
const LIMIT_MS = 5000;

/** The next chunk is read when `take` is done with the last. What comes later is read and dropped, so that its writer lives on. */
export async function drain(stream: Readable, exited: Promise<unknown>, take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  let last = performance.now();
  let open = true;
  let taking: Promise<void> | undefined;
  const ended = Promise.withResolvers<void>();
  const slow = async (done: Promise<void>): Promise<void> => {
    stream.pause();
    try {
      await done;
    } finally {
      taking = undefined;
      last = performance.now();
      stream.resume();
    }
  };
  stream.on('data', (chunk: Uint8Array) => {
    if (!open) return;
    last = performance.now();
    const done = take(chunk);
    if (done === undefined) return;
    taking = slow(done);
    taking.catch((error: unknown) => ended.reject(error));
  });
  stream.once('close', () => ended.resolve());
  stream.once('error', () => ended.resolve());
  const background = async (): Promise<void> => {
    await exited.catch(() => undefined);
    const limit = performance.now() + LIMIT_MS;
    last = performance.now();
    const goesOn = (): boolean => taking !== undefined || (performance.now() - last < QUIET_MS && performance.now() < limit);
    while (!stream.closed && goesOn()) {
      await Promise.race([ended.promise, pause(QUIET_MS / 2, undefined, { ref: false })]);
    }
  };
  await Promise.race([ended.promise, background()]);
  await taking;
  open = false;
}
