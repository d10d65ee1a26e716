/** Latencies as counts in growing buckets: small to keep, small to add up, good for percentiles within 10 %. */

const HOUR_MS = 3_600_000;
const LIMITS: readonly number[] = limits();

/** The highest milliseconds that bucket `index` holds. */
export function bucketLimit(index: number): number {
  return LIMITS[Math.min(Math.max(index, 0), LIMITS.length - 1)] ?? HOUR_MS;
}

export function bucketOf(milliseconds: number): number {
  let low = 0;
  let high = LIMITS.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (bucketLimit(middle) < milliseconds) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Milliseconds that `percent` of the counted ones did not exceed; undefined where nothing was counted. */
export function percentile(latency: readonly number[], percent: number): number | undefined {
  const total = latency.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = Math.max(1, Math.ceil((total * percent) / 100));
  let seen = 0;
  for (const [index, count] of latency.entries()) {
    seen += count;
    if (seen >= rank) return bucketLimit(index);
  }
  return bucketLimit(latency.length - 1);
}

/** Adds bucket by bucket. */
export function addLatency(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

function limits(): number[] {
  const list = [0];
  for (let limit = 1; limit < HOUR_MS; limit = Math.max(limit + 1, Math.floor(limit * 1.1))) list.push(limit);
  return [...list, HOUR_MS];
}
