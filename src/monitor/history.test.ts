import assert from 'node:assert/strict';
import { test } from 'node:test';

import { history as contract, range } from '../contract/watch.ts';
import type { ProbePoint, TrafficPoint } from '../store/types.ts';
import { OLDER, probeSeries, readHistory, trafficSeries, windowOf, type Window } from './history.ts';

const NOON = Date.UTC(2026, 5, 1, 12);
const MINUTE = 60_000;
const window: Window = { from: NOON, to: NOON + 3 * MINUTE, stepMs: MINUTE, times: [NOON, NOON + MINUTE, NOON + 2 * MINUTE] };

const traffic = (release: string, minute: number, more: Partial<TrafficPoint> = {}): TrafficPoint => ({
  at: NOON + minute * MINUTE,
  release,
  requests: 60,
  errors: 0,
  lost: 0,
  histogram: [60],
  ...more,
});
const probe = (check: string, replica: string, more: Partial<ProbePoint> = {}): ProbePoint => ({
  environment: 'prod',
  service: 'web',
  release: replica.split('.')[0] ?? '',
  check,
  replica,
  at: NOON,
  up: 3,
  down: 1,
  late: 0,
  sumMs: 30,
  maxMs: 20,
  ...more,
});

test('windowOf: every range has at most 400 points that are as far apart as its step, and the last one holds now', () => {
  for (const each of range.options) {
    const { from, to, stepMs, times } = windowOf(each, NOON + 12_345);
    assert.ok(times.length >= 60 && times.length <= 400, `${each}: ${times.length}`);
    assert.equal(times[0], from);
    assert.equal(times.length * stepMs, to - from);
    assert.ok((times.at(-1) ?? 0) <= NOON + 12_345 && to > NOON + 12_345);
  }
});

test('trafficSeries: by release, newest last, a second’s requests, null where there was none', () => {
  const points = [traffic('r10', 1, { errors: 6, lost: 6 }), traffic('r9', 0), traffic('none', 0), traffic('r9', 2)];
  const series = trafficSeries(points, window, NOON + 2 * MINUTE + 30_000);
  assert.deepEqual(
    series.map(({ release }) => release),
    ['none', 'r9', 'r10'],
  );
  assert.deepEqual(series[2]?.requests, [null, 1, null]);
  assert.deepEqual(series[2]?.errorRatio, [null, 0.2, null]);
  assert.deepEqual(series[1]?.requests, [1, null, 2], 'the last one is half a minute old');
  assert.ok((series[1]?.p95[0] ?? 2) <= 1);
});

test('trafficSeries: a year of releases is a chart of the newest and one series of all others', () => {
  const points = Array.from({ length: 1000 }, (_, index) => traffic(`r${index}`, 0));
  const series = trafficSeries(points, window, NOON + 2 * MINUTE);
  assert.deepEqual([series.length, series[0]?.release, series.at(-1)?.release], [9, OLDER, 'r999']);
  assert.equal(series[0]?.requests[0], 992);
});

test('probeSeries: by check and replica; many replicas are told as their check', () => {
  const few = probeSeries([probe('edge', ''), probe('direct', 'r1.1.1', { up: 0 }), probe('direct', 'r1.2.2')], window);
  assert.deepEqual(
    few.map(({ check, replica, ok, ms }) => [check, replica, ok[0], ms[0], ok[1]]),
    [
      ['edge', '', 0.75, 10, null],
      ['direct', 'r1.1.1', 0, null, null],
      ['direct', 'r1.2.2', 0.75, 10, null],
    ],
  );
  const many = probeSeries(
    Array.from({ length: 40 }, (_, index) => probe('direct', `r${index}.1.${index}`)),
    window,
  );
  assert.deepEqual(
    many.map(({ check, replica, release, ok }) => [check, replica, release, ok[0]]),
    [['direct', '', '', 0.75]],
  );
});

test('readHistory: is what the contract says, with the deploys of its time', async () => {
  const deploy = { release: 'r2', kind: 'deploy', verdict: 'verified' } as const;
  const found = await readHistory(
    {
      probes: async () => [probe('edge', '')],
      traffic: async () => [traffic('r2', 0)],
      transitions: async () => [
        { environment: 'prod', service: 'web', release: 'r2', at: NOON, from: 'up', to: 'down', reason: 'why', evidence: '' },
      ],
    },
    {
      environment: 'prod',
      service: 'web',
      range: '1h',
      now: NOON + 30_000,
      deploys: () => [
        { ...deploy, at: NOON },
        { ...deploy, at: NOON - 10 * 3_600_000 },
      ],
    },
  );
  assert.deepEqual(contract.parse(found), found);
  assert.equal(found.deploys.length, 1);
  assert.equal(found.transitions[0]?.to, 'down');
  assert.equal(found.traffic[0]?.requests.at(-1), 2);
});
