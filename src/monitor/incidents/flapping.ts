/** Does a cause come and go too often to tell of each time? More than four changes in half an hour do; ten calm minutes end it. */

const WINDOW_MS = 30 * 60_000;
const MOST = 4;
const CALM_MS = 10 * 60_000;

export interface Flapping {
  /** A cause came or went. True where it begins to flap with this. */
  changed(cause: string): boolean;
  /** Those that flap and are not calm yet. */
  causes(): ReadonlySet<string>;
  /** It flapped, and its incident closes now. */
  over(cause: string): void;
  has(cause: string): boolean;
}

/** `steady`: monotonic milliseconds. */
export function createFlapping(steady: () => number): Flapping {
  const times = new Map<string, number[]>();
  const frozen = new Set<string>();
  return {
    changed(cause) {
      const now = steady();
      const recent = [...(times.get(cause) ?? []), now].filter((at) => now - at <= WINDOW_MS);
      times.set(cause, recent);
      if (recent.length <= MOST || frozen.has(cause)) return false;
      frozen.add(cause);
      return true;
    },
    causes: () => new Set([...frozen].filter((cause) => steady() - (times.get(cause)?.at(-1) ?? 0) < CALM_MS)),
    over(cause) {
      frozen.delete(cause);
      times.delete(cause);
    },
    has: (cause) => frozen.has(cause),
  };
}
