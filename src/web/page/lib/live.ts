/** The board as it is now: followed, taken up again when the line breaks, and honest about its age. */

import { computed, signal } from '@preact/signals';

import type { Status } from '../../../contract/status.ts';
import { signedOut, stream } from './api.ts';
import { backOff } from './follow.ts';
import { seen, whenSeen } from './seen.ts';
import { now } from './time.ts';

export const board = signal<Status | undefined>(undefined);
/** When something last came, by this browser's clock. */
const heardAt = signal(Date.now());
/** Older than this is said. The daemon says something every fifteen seconds. */
const STALE_MS = 20_000;
const SILENT_MS = 40_000;

export const staleFor = computed(() => {
  const age = now.value - heardAt.value;
  return age > STALE_MS ? age : undefined;
});
export const broken = signal<string | undefined>(undefined);

export async function followBoard(): Promise<void> {
  for (let failures = 0; !signedOut.value;) {
    await whenSeen();
    const abort = new AbortController();
    const away = seen.subscribe((looked) => {
      if (!looked) abort.abort();
    });
    // A machine that slept has connections that nobody ends: what is silent for too long is taken up again. Each try has that long.
    let last = Date.now();
    const timer = setInterval(() => {
      if (Date.now() - last > SILENT_MS) abort.abort();
    }, 5000);
    try {
      const heard = (): void => {
        heardAt.value = last = Date.now();
        broken.value = undefined;
        failures = 0;
      };
      await stream(
        'watch',
        {},
        {
          signal: abort.signal,
          onPulse: heard,
          onEvent: ({ status }) => {
            board.value = status;
            heard();
          },
        },
      );
      throw new Error('The daemon ended the stream');
    } catch (error) {
      if (!seen.value) continue;
      failures += 1;
      broken.value = error instanceof Error ? error.message : String(error);
      await backOff(failures);
    } finally {
      clearInterval(timer);
      away();
      abort.abort();
    }
  }
}
