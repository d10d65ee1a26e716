/** burnRate, readBurns: sums of checks and requests, by service and window. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { TrafficPoint } from '../store/types.ts';
import { burnRate, readBurns } from './slo.ts';

const CASES: readonly (readonly [
  why: string,
  checks: readonly (readonly [up: number, down: number])[],
  wrong: number,
  rate: number | undefined,
])[] = [
  ['nothing was counted', [], 0, undefined],
  ['all well', [[100, 0]], 0, 0],
  ['a check in two hundred fails: the budget lasts just as long as its window', [[199, 1]], 0, 1],
  [
    'two replicas are one sum',
    [
      [100, 0],
      [98, 2],
    ],
    0,
    2,
  ],
  ['all is down', [[0, 60]], 0, 200],
  ['requests that got an error or no answer count as failed checks do', [[600, 0]], 20, 4],
];

for (const [why, checks, wrong, rate] of CASES) {
  test(`burnRate: ${why}`, () => {
    const points = wrong === 0 ? [] : [{ requests: 400, errors: wrong - 5, lost: 5 }];
    const found = burnRate(
      checks.map(([up, down]) => ({ up, down })),
      points,
    );
    assert.equal(found === undefined ? undefined : Number(found.toFixed(6)), rate);
  });
}

test('readBurns: only checks through the edge, each service in its own environment, each window from its own begin', async () => {
  const now = 100 * 86_400_000;
  const asked: number[] = [];
  const burns = await readBurns(
    {
      uptime: async (from) => {
        asked.push(now - from);
        return [
          { environment: 'prod', service: 'web', check: 'edge', up: 199, down: now - from > 3_600_000 ? 1 : 0 },
          { environment: 'prod', service: 'web', check: 'direct', up: 0, down: 9 },
          { environment: 'dev', service: 'web', check: 'edge', up: 0, down: 9 },
        ];
      },
      traffic: async ({ from, to }) => {
        assert.equal(to, now);
        assert.ok(from < to);
        return [] as TrafficPoint[];
      },
    },
    [
      { environment: 'prod', service: 'web' },
      { environment: 'prod', service: 'none' },
    ],
    now,
  );
  assert.deepEqual(
    burns.map(({ service, window, rate }) => [service, window, Number(rate.toFixed(6))]),
    [
      ['5m', 0],
      ['30m', 0],
      ['1h', 0],
      ['6h', 1],
      ['1d', 1],
      ['3d', 1],
      ['30d', 1],
    ].map((each) => ['web', ...each]),
  );
  assert.equal(asked.at(-1), 30 * 86_400_000);
});

test('readBurns: minutes are read once for all short windows, and each window counts its own', async () => {
  const now = 100 * 86_400_000 + 30_000;
  const asked: string[] = [];
  const point = (minutesAgo: number): TrafficPoint => {
    const at = Math.floor((now - minutesAgo * 60_000) / 60_000) * 60_000;
    return { at, release: 'r1', requests: 100, errors: 1, lost: 0, histogram: [] };
  };
  const burns = await readBurns(
    {
      uptime: async () => [],
      traffic: async ({ from, stepMs }) => {
        asked.push(`${(now - from) / 3_600_000} h by ${stepMs / 60_000} min`);
        return [
          { ...point(360), errors: 4 },
          { ...point(60), errors: 3 },
          { ...point(30), errors: 2 },
          point(5),
          { ...point(0), errors: 0 },
        ];
      },
    },
    [{ environment: 'prod', service: 'web' }],
    now,
  );
  assert.deepEqual(asked, ['6 h by 1 min', '24 h by 60 min', '72 h by 60 min', '720 h by 1440 min']);
  const rates = burns.slice(0, 4).map(({ window, rate }) => `${window} ${Number((rate * 0.005).toFixed(6))}`);
  assert.deepEqual(rates, ['5m 0.005', '30m 0.01', '1h 0.015', '6h 0.02']);
});
