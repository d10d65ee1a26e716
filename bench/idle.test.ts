import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rollsUpBetween } from './idle.ts';
import { ownMetrics } from './metrics.ts';

const NOON = Date.UTC(2026, 10, 27, 12);
const MINUTE = 60_000;

test('rollsUpBetween() is true where the second minute of an hour ended meanwhile', () => {
  assert.equal(rollsUpBetween(NOON - 10 * MINUTE, NOON + MINUTE), false);
  assert.equal(rollsUpBetween(NOON - 10 * MINUTE, NOON + 3 * MINUTE), true);
  assert.equal(rollsUpBetween(NOON + MINUTE, NOON + 3 * MINUTE), true);
  assert.equal(rollsUpBetween(NOON + 3 * MINUTE, NOON + 61 * MINUTE), false);
  assert.equal(rollsUpBetween(NOON + 3 * MINUTE, NOON + 63 * MINUTE), true);
});

test('ownMetrics() reads the longest stall in milliseconds, and counts what is looked at', () => {
  const text = `# TYPE probe_success gauge
probe_success{app="a",env="dev",check="edge"} 1
probe_success{app="a",env="dev",check="direct"} 0
# TYPE monitor_loop_lag_seconds gauge
monitor_loop_lag_seconds 0.012
`;
  assert.deepEqual(ownMetrics(text), { loopLagMs: 12, targets: 2 });
  assert.throws(() => ownMetrics('monitor_loop_lag_seconds_of_others 1\n'), /do not say/);
});
