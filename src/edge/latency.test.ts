import assert from 'node:assert/strict';
import { test } from 'node:test';

import { addLatency, bucketLimit, bucketOf, percentile } from './latency.ts';

test('bucketOf() finds the smallest bucket that holds the value, within 10 %', () => {
  for (const ms of [0, 1, 2, 9, 10, 11, 57, 100, 101, 999, 12_345, 3_599_999, 3_600_000]) {
    const bucket = bucketOf(ms);
    assert.ok(bucketLimit(bucket) >= ms, `${ms}`);
    if (bucket > 0) assert.ok(bucketLimit(bucket - 1) < ms, `${ms}`);
    assert.ok(bucketLimit(bucket) <= Math.max(ms + 1, ms * 1.1), `${ms} lies under ${bucketLimit(bucket)}`);
  }
  assert.equal(bucketLimit(bucketOf(99_999_999)), 3_600_000);
});

test('percentile() gives the limit that so many did not exceed', () => {
  const latency: number[] = [];
  for (let ms = 1; ms <= 100; ms++) latency[bucketOf(ms)] = (latency[bucketOf(ms)] ?? 0) + 1;
  const filled = Array.from(latency, (count) => count ?? 0);
  for (const percent of [50, 95, 99]) {
    const value = percentile(filled, percent) ?? 0;
    assert.ok(value >= percent && value <= percent * 1.1, `p${percent} is ${value}`);
  }
  assert.equal(percentile([], 50), undefined);
  assert.equal(percentile([0, 0], 50), undefined);
  assert.equal(percentile([7], 99), 0);
});

test('addLatency() adds bucket by bucket', () => {
  assert.deepEqual(addLatency([1, 2], [1, 0, 3]), [2, 2, 3]);
  assert.deepEqual(addLatency([], []), []);
});
