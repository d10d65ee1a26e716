/** Latencies as counts in few growing buckets, and their form in a row: averages of averages lie, histograms add up. */

/** Highest milliseconds of each bucket; one more bucket holds what took longer. */
export const HISTOGRAM_LIMITS_MS: readonly number[] = [
  1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 70, 100, 150, 200, 300, 500, 700, 1000, 1500, 2000, 3000, 5000, 10_000, 30_000,
];

/** The bucket that holds `milliseconds`. */
export function histogramBucket(milliseconds: number): number {
  const index = HISTOGRAM_LIMITS_MS.findIndex((limit) => milliseconds <= limit);
  return index === -1 ? HISTOGRAM_LIMITS_MS.length : index;
}

/** Adds bucket by bucket. */
export function addHistograms(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0));
}

/** Milliseconds that `percent` of the counted ones did not exceed, as if they lay evenly in their bucket; undefined where nothing was counted. */
export function histogramPercentile(histogram: readonly number[], percent: number): number | undefined {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = (total * percent) / 100;
  let seen = 0;
  for (const [index, count] of histogram.entries()) {
    if (count > 0 && seen + count >= rank) {
      const low = index === 0 ? 0 : (HISTOGRAM_LIMITS_MS[index - 1] ?? 0);
      return low + (((HISTOGRAM_LIMITS_MS[index] ?? low) - low) * Math.max(0, rank - seen)) / count;
    }
    seen += count;
  }
  return HISTOGRAM_LIMITS_MS.at(-1);
}

/** Each count in as few bytes as it needs (7 bits a byte), without the zeros at the end. */
export function packHistogram(histogram: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  const end = histogram.findLastIndex((count) => count > 0) + 1;
  for (const count of histogram.slice(0, end)) {
    let rest = Math.max(0, Math.round(count));
    for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

export function unpackHistogram(bytes: Uint8Array): number[] {
  const histogram: number[] = [];
  let count = 0;
  let unit = 1;
  for (const byte of bytes) {
    count += (byte % 128) * unit;
    unit *= 128;
    if (byte < 128) {
      histogram.push(count);
      count = 0;
      unit = 1;
    }
  }
  return histogram;
}
