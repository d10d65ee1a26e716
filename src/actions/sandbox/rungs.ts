/** How a cancelled step in a container ends: asked, asked firmly, killed with all that it started. */

import { setTimeout as delay } from 'node:timers/promises';

import type { SpawnedIn } from '../../engines/types.ts';
import type { LadderTimes } from './ladder.ts';

interface Rungs extends LadderTimes {
  /** Ends everything there; when even killing the tree left something. */
  readonly lastResort: () => Promise<void>;
}

/** Milliseconds that a killed tree may take to be gone. */
const GONE_MS = 5000;

/** The exit code, once it has ended by itself or by the ladder that the signal starts. */
export async function withLadder(process: SpawnedIn, ladder: Rungs, signal: AbortSignal): Promise<number> {
  const { exit } = process;
  const aborted = Promise.withResolvers<void>();
  const onAbort = (): void => aborted.resolve();
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (await endsBefore(exit, aborted.promise)) return await exit;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  const rungs = [
    { act: () => process.kill('SIGINT'), ms: ladder.interruptMs },
    { act: () => process.kill('SIGTERM'), ms: ladder.terminateMs },
    { act: async () => process.killTree(), ms: GONE_MS },
  ] as const;
  for (const { act, ms } of rungs) {
    await act();
    const timer = new AbortController();
    const over = await endsBefore(
      exit,
      delay(ms, undefined, { signal: timer.signal }).catch(() => undefined),
    );
    timer.abort();
    if (over) return exit;
  }
  await ladder.lastResort();
  return exit;
}

async function endsBefore(exit: Promise<number>, other: Promise<unknown>): Promise<boolean> {
  return Promise.race([
    exit.then(
      () => true,
      () => true, // its failure is told to whoever waits for the code
    ),
    other.then(() => false),
  ]);
}
