import assert from 'node:assert/strict';
import { test } from 'node:test';

import { HISTOGRAM_LIMITS_MS, addHistograms, histogramBucket, histogramPercentile, packHistogram, unpackHistogram } from './histogram.ts';

test('packHistogram: comes back as it was, zeros at the end left out, large counts whole', () => {
  for (const histogram of [[], [1], [0, 0, 127, 128, 300], [2 ** 40, 0, 1]])
    assert.deepEqual(unpackHistogram(packHistogram(histogram)), histogram);
  assert.deepEqual(unpackHistogram(packHistogram([5, 0, 0])), [5]);
  assert.equal(packHistogram([3, 0, 0, 0]).length, 1);
});

test('histogramBucket: every time has one, a limit belongs to its own', () => {
  assert.equal(histogramBucket(0), 0);
  for (const [index, limit] of HISTOGRAM_LIMITS_MS.entries()) assert.equal(histogramBucket(limit), index);
  assert.equal(histogramBucket(1e9), HISTOGRAM_LIMITS_MS.length);
});

test('histogramPercentile: lies in the right bucket, for sums of histograms as well', () => {
  const fast = [90];
  const slow = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 10];
  const both = addHistograms(fast, slow);
  assert.ok((histogramPercentile(both, 50) ?? 9) <= 1);
  const p95 = histogramPercentile(both, 95) ?? 0;
  assert.ok(p95 > 70 && p95 <= 100, `${p95}`);
  assert.equal(histogramPercentile([], 50), undefined);
  assert.equal(histogramPercentile([0, 0], 50), undefined);
});
