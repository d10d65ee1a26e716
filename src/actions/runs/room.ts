/** A full disk must not lose what became of a run: what is recorded waits until there is room again. */

import { failureOf } from '../../store/store.ts';
import { poll } from '../../kit/wait.ts';

const EVERY_MS = 250;
/** Whoever filled it has been ended long before; then it is a person's matter. */
const PATIENCE_MS = 5 * 60_000;

/** Does `work` once it can be written down. Throws what it throws where the disk is not the cause, `kit/timeout` after five minutes. */
export async function whenThereIsRoom<T>(work: () => T, signal: AbortSignal, everyMs = EVERY_MS): Promise<T> {
  const { done } = await poll(
    () => {
      try {
        return { done: work() };
      } catch (error) {
        if (failureOf(error) === 'full') return undefined;
        throw error;
      }
    },
    { signal, everyMs, timeoutMs: PATIENCE_MS, what: 'room on the disk for the record of a run' },
  );
  return done;
}
