/** Reads what a process prints until it has ended, and not for ever where something that it started holds the pipe open. */

import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * After the process has ended: so many turns of the event loop without a byte, and the pipe belongs to somebody in the
 * background. Turns, not time: on a machine that is busy a look may come late, but never before the pipe was asked.
 */
const QUIET_TURNS = 4;
const TURN_MS = 25;
/** And this long at most where that somebody keeps printing; GitHub's time. */
const LIMIT_MS = 5000;

/** The next chunk is read when `take` is done with the last. What comes later is read and dropped, so that its writer lives on. */
export async function drain(stream: Readable, exited: Promise<unknown>, take: (chunk: Uint8Array) => Promise<void> | void): Promise<void> {
  let quiet = 0;
  let open = true;
  let pending = 0;
  let turn: Promise<void> = Promise.resolve();
  let busyMs = 0;
  const ended = Promise.withResolvers<void>();
  // One after the other: Node resumes a paused pipe by itself when the process has ended.
  const inTurn = async (before: Promise<void>, work: () => Promise<void> | void): Promise<void> => {
    const began = performance.now();
    stream.pause();
    pending++;
    try {
      await before;
      await work();
    } finally {
      pending--;
      quiet = 0;
      if (pending === 0) {
        busyMs += performance.now() - began;
        stream.resume();
      }
    }
  };
  stream.on('data', (chunk: Uint8Array) => {
    if (!open) return;
    quiet = 0;
    const done = pending === 0 ? take(chunk) : undefined;
    if (pending === 0 && done === undefined) return;
    turn = inTurn(turn, () => done ?? take(chunk));
    turn.catch((error: unknown) => ended.reject(error));
  });
  stream.once('close', () => ended.resolve());
  stream.once('error', () => ended.resolve());
  const background = async (): Promise<void> => {
    await exited.catch(() => undefined);
    const began = performance.now() - busyMs;
    quiet = 0;
    const goesOn = (): boolean => pending > 0 || (quiet < QUIET_TURNS && performance.now() - began - busyMs < LIMIT_MS);
    while (!stream.closed && goesOn()) {
      await Promise.race([ended.promise, pause(TURN_MS, undefined, { ref: false })]);
      if (pending === 0) quiet++;
    }
  };
  await Promise.race([ended.promise, background()]);
  const isBusy = (): boolean => pending > 0;
  do await turn;
  while (isBusy());
  open = false;
}
