/** When to start again what ended: pure. */

/** So many ends within so many milliseconds are a crash loop. */
const LOOP_ENDS = 5;
const LOOP_WITHIN = 60_000;
/** Milliseconds before the first retry, doubled at each further end, up to the longest. */
const FIRST = 250;
const LONGEST = 8000;
/** A crash loop is tried again, but seldom: its cause may be another part that is mended meanwhile. */
const LOOP_FIRST = 30_000;
const LOOP_LONGEST = 300_000;

/** Milliseconds of life after which all earlier ends are forgiven. */
export const SETTLED = 90_000;

export interface RestartDecision {
  readonly verdict: 'restarting' | 'crash-loop';
  /** Milliseconds from `now`. */
  readonly waitMs: number;
}

/** `history`: when it ended since it last lived well, in milliseconds since 1970, oldest first, the newest included. */
export function restartDecision(history: readonly number[], now: number): RestartDecision {
  const loopSince = history.findIndex((at, index) => at - (history[index - LOOP_ENDS + 1] ?? Number.NEGATIVE_INFINITY) < LOOP_WITHIN);
  const passed = now - (history.at(-1) ?? now);
  if (loopSince === -1) return { verdict: 'restarting', waitMs: Math.max(0, backoff(history.length - 1, FIRST, LONGEST) - passed) };
  const waitMs = backoff(history.length - 1 - loopSince, LOOP_FIRST, LOOP_LONGEST) - passed;
  return { verdict: 'crash-loop', waitMs: Math.max(0, waitMs) };
}

function backoff(times: number, first: number, longest: number): number {
  return Math.min(first * 2 ** Math.max(0, times), longest);
}
