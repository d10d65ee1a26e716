import assert from 'node:assert/strict';
import { test } from 'node:test';

import { planRetention, RETENTION, type KeptRun } from './retention.ts';

const run = (id: number, endedAt: number | undefined, bytes = 10): KeptRun => ({ id, endedAt, bytes });

test('planRetention: what is too old goes, then the oldest until the rest fits; what runs and the newest stay', () => {
  const limits = { now: 1000, maxAgeMs: 500, maxBytes: 1000, keep: 1 };
  const cases: readonly (readonly [readonly KeptRun[], Partial<typeof limits>, readonly number[]])[] = [
    [[], {}, []],
    [[run(1, 100), run(2, 600), run(3, 900)], {}, [1]],
    [[run(3, 900), run(2, 600), run(1, 550)], { maxBytes: 25 }, [1]],
    [[run(1, 550), run(2, 600), run(3, 900)], { maxBytes: 5 }, [1, 2]],
    [[run(1, 1), run(2, 2)], { keep: 2 }, []],
    [[run(1, undefined, 5000), run(2, 900)], { keep: 0, maxBytes: 5 }, [2]],
  ];
  assert.deepEqual(planRetention([run(1, 0), run(2, 1)], { ...RETENTION, now: Date.now() }), [], 'the last ten in any case');
  for (const [runs, more, wanted] of cases) assert.deepEqual(planRetention(runs, { ...limits, ...more }), wanted);
});
