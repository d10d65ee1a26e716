/** Votes for facts, counted in memory: this process's own, gone with it. A moose does not need a database. */

export interface Votes {
  /** Counts one more and gives the sum. */
  add(factId: string): number;
  all(): Readonly<Record<string, number>>;
}

export function createVotes(): Votes {
  const counts = new Map<string, number>();
  return {
    add(factId) {
      const sum = (counts.get(factId) ?? 0) + 1;
      counts.set(factId, sum);
      return sum;
    },
    all: () => Object.fromEntries(counts),
  };
}
