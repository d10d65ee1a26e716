/** What is done at a start, again and again until it is done. */

import { toAntlerError } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';

export interface ComeBackOptions {
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** After a reboot the engine, the edge or the registry may take longer than we do. */
export async function comeBack(work: () => Promise<void>, { signal, log }: ComeBackOptions): Promise<void> {
  for (let waitMs = 500; !signal.aborted; waitMs = Math.min(waitMs * 2, 30_000)) {
    try {
      await work();
      return;
    } catch (error) {
      if (signal.aborted) return;
      log(`cannot bring everything back yet: ${toAntlerError(error).message}`);
      await sleep(waitMs, signal).catch(() => undefined);
    }
  }
}
