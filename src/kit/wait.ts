/** Waiting that can always be interrupted. */

import { setTimeout as sleepTimer } from 'node:timers/promises';

import { AntlerError } from './errors.ts';

export interface PollOptions {
  readonly signal: AbortSignal;
  /** Milliseconds between two looks; 100 by default. */
  readonly everyMs?: number;
  /** Milliseconds until `kit/timeout`; no limit by default. */
  readonly timeoutMs?: number;
  /** What is waited for, for the error: "Cannot wait longer for …". */
  readonly what: string;
}

export async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  await sleepTimer(ms, undefined, { signal });
}

/** Looks until `look` gives something other than undefined; that is the result. Looks once at least. */
export async function poll<T>(look: () => Promise<T | undefined> | T | undefined, options: PollOptions): Promise<T> {
  const until = options.timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + options.timeoutMs;
  for (;;) {
    options.signal.throwIfAborted();
    const seen = await look();
    if (seen !== undefined) return seen;
    if (performance.now() >= until) {
      throw new AntlerError('kit/timeout', `Cannot wait longer for ${options.what} as ${options.timeoutMs} ms have passed`);
    }
    await sleep(options.everyMs ?? 100, options.signal);
  }
}

const atAbort = new WeakMap<AbortSignal, Set<() => void>>();

/** Acts when the signal aborts, unless disposed before. One listener serves all of a signal: for what comes and goes by the thousand each is dear, and Node warns of many. */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  if (signal.aborted) act();
  const all = atAbort.get(signal) ?? new Set();
  if (!atAbort.has(signal)) {
    atAbort.set(signal, all);
    signal.addEventListener('abort', () => all.forEach((each) => each()), { once: true });
  }
  all.add(act);
  return { [Symbol.dispose]: () => void all.delete(act) };
}
