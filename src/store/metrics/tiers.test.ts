import assert from 'node:assert/strict';
import { test } from 'node:test';

import { partsOf, sumParts } from './tiers.ts';

const H = 3_600_000;
const D = 24 * H;
const rolled = { hours: 10 * 24 + 6, days: 10, floor: 24 };

test('partsOf: the coarsest unit that is fine enough, finer ones where it is not rolled up, nothing twice', () => {
  assert.deepEqual(partsOf({ from: 2 * D, to: 11 * D, stepMs: D }, rolled), [
    { unit: 'day', from: 2, to: 10 },
    { unit: 'hour', from: 240, to: 246 },
    { unit: 'minute', from: 246 * 60, to: 264 * 60 },
  ]);
  assert.deepEqual(partsOf({ from: 9 * D, to: 10 * D, stepMs: H }, rolled), [{ unit: 'hour', from: 216, to: 240 }]);
  assert.deepEqual(partsOf({ from: 9 * D, to: 10 * D, stepMs: 60_000 }, rolled), [{ unit: 'minute', from: 216 * 60, to: 240 * 60 }]);
  assert.deepEqual(partsOf({ from: 0, to: 2 * D, stepMs: 60_000 }, rolled), [
    { unit: 'hour', from: 0, to: 24 },
    { unit: 'minute', from: 24 * 60, to: 48 * 60 },
  ]);
  assert.deepEqual(partsOf({ from: D, to: D, stepMs: H }, rolled), []);
});

test('sumParts: whole days between hours, minutes at the open end', () => {
  assert.deepEqual(sumParts(5 * D + H, 10 * D + 7 * H, rolled), [
    { unit: 'hour', from: 121, to: 144 },
    { unit: 'day', from: 6, to: 10 },
    { unit: 'hour', from: 240, to: 246 },
    { unit: 'minute', from: 246 * 60, to: 247 * 60 },
  ]);
});
