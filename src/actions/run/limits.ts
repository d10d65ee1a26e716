/** When a job ends before its steps do: it was cancelled, or its time is over; and when it ends whatever its steps want. */

import { toAntlerError } from '../../kit/errors.ts';
import { cancelText } from './words.ts';

/** So long after it was cancelled `if: always()` may still run; GitHub's time. */
export const GRACE_MS = 5 * 60_000;

export interface Limits extends Disposable {
  readonly cancel: AbortSignal;
  readonly hard: AbortSignal;
  /** For people; undefined while nothing has ended it. */
  why(): string | undefined;
  /** One more signal that cancels. */
  also(signal: AbortSignal): void;
  /** Of the job's place: when it is gone, so is the job, without time for `if: always()`. */
  endsWith(place: AbortSignal): void;
  /** Why the place ended the job, and what to do then; for people. */
  fault(): string | undefined;
  /** The job's time begins. */
  start(minutes: number): void;
}

export function createLimits(signal: AbortSignal, graceMs = GRACE_MS): Limits {
  const cancel = new AbortController();
  const hard = new AbortController();
  const undo: (() => void)[] = [];
  const end = (reason: unknown): void => {
    if (cancel.signal.aborted) return;
    cancel.abort(cancelText(reason));
    const timer = setTimeout(() => hard.abort(), graceMs);
    undo.push(() => clearTimeout(timer));
  };
  const also = (other: AbortSignal): void => {
    const listen = (): void => end(other.reason);
    if (other.aborted) return listen();
    other.addEventListener('abort', listen, { once: true });
    undo.push(() => other.removeEventListener('abort', listen));
  };
  also(signal);
  let fault: string | undefined;
  return {
    cancel: cancel.signal,
    hard: hard.signal,
    why: () => (cancel.signal.aborted ? String(cancel.signal.reason) : undefined),
    also,
    endsWith(place) {
      const listen = (): void => {
        const { message, hint } = toAntlerError(place.reason);
        fault = `${message}. ${hint}`;
        end(fault);
        hard.abort();
      };
      if (place.aborted) return listen();
      place.addEventListener('abort', listen, { once: true });
      undo.push(() => place.removeEventListener('abort', listen));
    },
    fault: () => fault,
    start: (minutes) => {
      const after = `${minutes} minute${minutes === 1 ? '' : 's'}`;
      const timer = setTimeout(() => end(`The job has exceeded the maximum execution time of ${after}`), minutes * 60_000);
      undo.push(() => clearTimeout(timer));
    },
    [Symbol.dispose]: () => {
      for (const one of undo) one();
    },
  };
}
