/** Something may have changed: many rings before a look count as one. */

export interface Bell {
  ring(): void;
  /** Returns at the next ring, at once where it rang since the last wait; also when the signal aborts. */
  wait(signal: AbortSignal): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let wake: (() => void) | undefined;
  return {
    ring() {
      rung = true;
      wake?.();
    },
    async wait(signal) {
      if (!rung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
        await promise;
        wake = undefined;
      }
      rung = false;
    },
  };
}
