/** The edge's fine buckets as the twelve that Prometheus is shown. Pure. */

import { bucketLimit } from '../../edge/edge.ts';
import type { PromSample } from './text.ts';

const LIMITS_MS = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] as const;

/** A fine bucket that lies across a limit counts as above it. */
export function durationSamples(latency: readonly number[], labels: Readonly<Record<string, string>>): readonly PromSample[] {
  const total = latency.reduce((sum, count) => sum + count, 0);
  const upTo = (limit: number): number => latency.reduce((sum, count, index) => (bucketLimit(index) <= limit ? sum + count : sum), 0);
  const sumMs = latency.reduce((sum, count, index) => sum + (count * (bucketLimit(index - 1) + bucketLimit(index))) / 2, 0);
  return [
    ...LIMITS_MS.map((limit) => ({ suffix: '_bucket', labels: { ...labels, le: String(limit / 1000) }, value: upTo(limit) })),
    { suffix: '_bucket', labels: { ...labels, le: '+Inf' }, value: total },
    { suffix: '_sum', labels, value: sumMs / 1000 },
    { suffix: '_count', labels, value: total },
  ];
}
