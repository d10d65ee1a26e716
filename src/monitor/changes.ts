/** Rings for everybody who watches the board, at most twice a second; who is slow hears once of all that happened. */

import { sleep } from '../kit/wait.ts';

const APART_MS = 500;

export interface Changes {
  ring(): void;
  /** At once, and then at each change. */
  follow(signal: AbortSignal): AsyncGenerator<void>;
  /** Does anybody listen? */
  readonly heard: () => boolean;
}

export function createChanges(): Changes {
  let revision = 0;
  let listeners = 0;
  let wake = Promise.withResolvers<void>();
  const wakeAll = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };
  return {
    ring() {
      revision += 1;
      wakeAll();
    },
    heard: () => listeners > 0,
    async *follow(signal) {
      signal.addEventListener('abort', wakeAll, { once: true });
      listeners += 1;
      try {
        for (let told = -1; !signal.aborted;) {
          if (told === revision) {
            await wake.promise;
          } else {
            told = revision;
            yield;
            await sleep(APART_MS, signal).catch(() => undefined);
          }
        }
      } finally {
        listeners -= 1;
        signal.removeEventListener('abort', wakeAll);
      }
    },
  };
}
