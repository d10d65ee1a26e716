/** planRollout(), weightsFor(), nextAddress(): what a rollout will do, by tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppSpec, ServiceSpec } from '../config/types.ts';
import type { ReleaseRow, ReplicaRow } from '../store/types.ts';
import { app, environment, release, replica, service } from './fixtures.ts';
import { outline } from './outline.ts';
import { nextAddress, planRollout, weightsFor } from './plan.ts';

const resolve = (spec: AppSpec, _environment: string, name: string): ServiceSpec => {
  const found = spec.services.find((each) => each.name === name);
  assert.ok(found);
  return found;
};

function kinds(wanted: ReleaseRow, releases: readonly ReleaseRow[], replicas: readonly ReplicaRow[]): string[] {
  const plan = planRollout({
    release: wanted,
    environment: 'dev',
    replicas,
    releaseOf: (n) => releases.find((each) => each.number === n),
    resolve,
  });
  return plan.services.map((each) => `${each.kind} ${each.name}${each.kind === 'change' && each.stopFirst ? ' stop-first' : ''}`);
}

const web = service('web', { expose: true });
const api = service('api');
const dev = environment('dev', { strategy: { steps: [10, 100], bakeMs: 5 } });
const one = release(1, app([web, api], [dev]), { web: 'a', api: 'a' });
const serving = [replica(1), replica(2, { service: 'api' })];

test('planRollout(): services that are called come before the exposed one', () => {
  assert.deepEqual(kinds(one, [one], []), ['change api', 'change web']);
});

test('planRollout(): only what differs changes', () => {
  const cases: readonly (readonly [string, ReleaseRow, readonly string[]])[] = [
    ['same digests and config', release(2, app([web, api], [dev]), { web: 'a', api: 'a' }), ['same api', 'same web']],
    ['one new image', release(2, app([web, api], [dev]), { web: 'b', api: 'a' }), ['same api', 'change web']],
    ['one new variable', release(2, app([web, { ...api, env: { A: '1' } }], [dev]), { web: 'a', api: 'a' }), ['change api', 'same web']],
    ['another replica', release(2, app([{ ...web, replicas: 2 }, api], [dev]), { web: 'a', api: 'a' }), ['same api', 'change web']],
    [
      'another build folder with the same image',
      release(2, app([{ ...web, build: { context: 'x', dockerfile: 'D', args: {} } }, api], [dev]), { web: 'a', api: 'a' }),
      ['same api', 'same web'],
    ],
    ['a service less', release(2, app([web], [dev]), { web: 'a' }), ['same web', 'remove api']],
    [
      'a one-writer volume',
      release(2, app([{ ...web, overlap: false }, api], [dev]), { web: 'b', api: 'a' }),
      ['same api', 'change web stop-first'],
    ],
  ];
  for (const [name, wanted, expected] of cases) assert.deepEqual(kinds(wanted, [one, wanted], serving), expected, name);
});

test('planRollout(): an environment’s first rollout shifts at once, without bake', () => {
  const plan = (replicas: readonly ReplicaRow[]) => {
    const { steps, bakeMs } = planRollout({ release: one, environment: 'dev', replicas, releaseOf: () => one, resolve });
    return { steps, bakeMs };
  };
  assert.deepEqual(plan([]), { steps: [100], bakeMs: 0 });
  assert.deepEqual(plan(serving), { steps: [10, 100], bakeMs: 5 });
});

test('outline(): says every step before it is taken', () => {
  const wanted = release(2, app([web, api], [dev]), { web: 'b', api: 'a' });
  const plan = planRollout({ release: wanted, environment: 'dev', replicas: serving, releaseOf: (n) => (n === 1 ? one : wanted), resolve });
  assert.deepEqual(
    outline(plan).map((each) => each.step),
    ['fetch', 'start/web', 'gate/web', 'shift/10', 'bake/10', 'shift/100', 'bake/100', 'retire'],
  );
});

test('weightsFor(): the share of the fresh servers is the percent, whatever their number', () => {
  for (const percent of [0, 1, 10, 50, 90, 100]) {
    for (const [fresh, old] of [
      [1, 1],
      [2, 1],
      [1, 3],
      [2, 2],
    ] as const) {
      const names = (prefix: string, n: number): string[] => Array.from({ length: n }, (_, i) => `${prefix}${i}`);
      const weights = weightsFor(percent, { fresh: names('f', fresh), old: names('o', old) });
      const sum = (prefix: string): number =>
        weights.filter((each) => each.name.startsWith(prefix)).reduce((total, each) => total + each.weight, 0);
      const share = (sum('f') / (sum('f') + sum('o'))) * 100;
      assert.ok(Math.abs(share - percent) < 1, `${percent} % of ${fresh}/${old}: ${share}`);
      assert.ok(weights.every((each) => each.weight <= 256));
    }
  }
  assert.deepEqual(weightsFor(0, { fresh: [], old: ['o'] }), [{ name: 'o', weight: 200 }]);
});

test('nextAddress(): goes round, never gives what is taken, says when all are', () => {
  const next = (seed: number, taken: readonly string[]): string => nextAddress('10.1.101.0/24', { seed, taken: new Set(taken) });
  assert.equal(next(0, []), '10.1.101.10');
  assert.equal(next(240, []), '10.1.101.250');
  assert.equal(next(241, []), '10.1.101.10');
  assert.equal(next(0, ['10.1.101.10', '10.1.101.11']), '10.1.101.12');
  assert.throws(() =>
    next(
      3,
      Array.from({ length: 241 }, (_, i) => `10.1.101.${10 + i}`),
    ),
  );
});
