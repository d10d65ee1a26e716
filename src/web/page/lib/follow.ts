/** A stream that is taken up again when the line breaks: a daemon that is replaced is back in a moment, and who reads a log wants to read on. */

import { ApiError, UNREACHABLE } from './api.ts';

const MAX_WAIT_MS = 10_000;

export interface Following {
  readonly signal: AbortSignal;
  /** Asks from the beginning; calls `heard` when something came. */
  readonly open: (heard: () => void) => Promise<unknown>;
  /** What it ended with; undefined when it is there again. */
  readonly onBroken: (error: ApiError | undefined) => void;
}

/** Until it has ended, is refused, or nobody wants it any more. */
export async function follow({ signal, open, onBroken }: Following): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    try {
      await open(() => {
        if (failures > 0) onBroken(undefined);
        failures = 0;
      });
      return;
    } catch (error) {
      if (signal.aborted) return;
      const failed = error instanceof ApiError ? error : new ApiError({ message: String(error) });
      onBroken(failed);
      if (failed.code !== UNREACHABLE) return;
      failures += 1;
      await backOff(failures);
    }
  }
}

/** Longer each time; ends early where somebody looks again. */
export async function backOff(failures: number): Promise<void> {
  const ms = Math.min(500 * 2 ** failures, MAX_WAIT_MS) * (0.75 + Math.random() / 2);
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
