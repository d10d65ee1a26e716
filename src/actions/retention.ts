/** Which finished runs lose their logs and files: by age, by total size. Pure. */

export interface KeptRun {
  readonly id: number;
  /** When it ended, in milliseconds since 1970; undefined while it runs: such a one is always kept. */
  readonly endedAt: number | undefined;
  readonly bytes: number;
}

export interface RetentionLimits {
  readonly now: number;
  readonly maxAgeMs: number;
  /** Of all runs together. */
  readonly maxBytes: number;
  /** The newest so many are kept whatever they weigh: what somebody just ran can be read. */
  readonly keep: number;
}

/** Thirty days, 1 GiB together, and the last ten in any case. */
export const RETENTION = { maxAgeMs: 30 * 86_400_000, maxBytes: 1024 ** 3, keep: 10 } as const;

/** Ids to remove, oldest first. */
export function planRetention(runs: readonly KeptRun[], limits: RetentionLimits): readonly number[] {
  const removed: number[] = [];
  let total = runs.reduce((sum, { bytes }) => sum + bytes, 0);
  const ended = runs
    .flatMap((run) => (run.endedAt === undefined ? [] : [{ id: run.id, bytes: run.bytes, endedAt: run.endedAt }]))
    .toSorted((a, b) => a.endedAt - b.endedAt || a.id - b.id);
  for (const run of ended.slice(0, Math.max(0, ended.length - limits.keep))) {
    const old = limits.now - run.endedAt > limits.maxAgeMs;
    if (!old && total <= limits.maxBytes) continue;
    removed.push(run.id);
    total -= run.bytes;
  }
  return removed;
}
