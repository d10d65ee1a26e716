/** Time as a value that is passed in, so that planners stay pure and tests do not wait. */

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** `2026-11-23T12:00:00.000Z`: the form of every time in the API and the store. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
