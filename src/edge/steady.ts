/** One verb at a time, and each whole: one during which HAProxy was killed and started again is done once more. */

import type { Turns } from '../kit/turns.ts';
import type { Runtime } from './runtime.ts';

/** The work must be fine to do twice. */
export type Steady = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>;

export interface SteadyOptions {
  readonly runtime: Pick<Runtime, 'answer'>;
  readonly turns: Turns;
  /** The one that has just started knows the file as it was at that moment: gives it what was written or added since. */
  readonly restore: (signal: AbortSignal) => Promise<void>;
}

/** Killed again each time, it is no accident any more. */
const TIMES = 3;

export function createSteady({ runtime, turns, restore }: SteadyOptions): Steady {
  const worker = async (signal: AbortSignal): Promise<string> =>
    /^Pid: \d+/m.exec(await runtime.answer('show info', signal))?.[0] ?? 'none';
  return (work, signal) =>
    turns(async () => {
      for (let time = 1; ; time += 1) {
        const before = await worker(signal);
        try {
          if (time > 1) await restore(signal);
          const done = await work();
          if (time === TIMES || (await worker(signal)) === before) return done;
        } catch (error) {
          if (time === TIMES || signal.aborted || (await worker(signal)) === before) throw error;
        }
      }
    });
}
