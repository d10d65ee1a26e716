/** The board as it is now: followed, taken up again when the line breaks, and honest about its age. */

import { computed, signal } from '@preact/signals';

import type { Status } from '../../../contract/status.ts';
import { call, signedOut } from './api.ts';
import { now } from './time.ts';

export const board = signal<Status | undefined>(undefined);
/** When something last came, by this browser's clock. */
const heardAt = signal(Date.now());
/** Older than this is said. */
const STALE_MS = 20_000;
const EVERY_MS = 2000;
const MAX_WAIT_MS = 30_000;

export const staleFor = computed(() => {
  const age = now.value - heardAt.value;
  return age > STALE_MS ? age : undefined;
});
export const broken = signal<string | undefined>(undefined);

export async function followBoard(): Promise<void> {
  for (let failures = 0; !signedOut.value;) {
    try {
      board.value = await call('status', {});
      heardAt.value = Date.now();
      broken.value = undefined;
      failures = 0;
      await pause(EVERY_MS);
    } catch (error) {
      failures += 1;
      broken.value = error instanceof Error ? error.message : String(error);
      await pause(Math.min(1000 * 2 ** failures, MAX_WAIT_MS) * (0.75 + Math.random() / 2));
    }
  }
}

/** Ends early where somebody looks again. */
async function pause(ms: number): Promise<void> {
  await new Promise<void>((done) => {
    const timer = setTimeout(end, ms);
    function end(): void {
      clearTimeout(timer);
      for (const name of ['online', 'focus'] as const) removeEventListener(name, end);
      done();
    }
    for (const name of ['online', 'focus'] as const) addEventListener(name, end);
  });
}
