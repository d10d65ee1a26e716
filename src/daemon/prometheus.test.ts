/** Which versions Prometheus is told of. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { app, release } from '../releases/fixtures.ts';
import { openPlatform } from '../store/store.ts';
import { versionsOf } from './prometheus.ts';

const DAY = 24 * 60 * 60_000;

test('versionsOf: what runs and what is coming, and for a day what did or was undone; the wanted one alone is desired', () => {
  const clock = { at: 0, now: () => clock.at };
  using store = openPlatform(':memory:', clock);
  for (const each of [1, 2, 3]) store.releases.add(release(each, app([], []), {}));
  const begin = (to: number, from: number | undefined): number =>
    store.rollouts.begin({ environment: 'prod', release: to, from, kind: 'deploy', actor: 'ann', forcedReason: undefined, phase: 'start' })
      .id;
  const add = (service: string, of: number, rollout: number): number =>
    store.environments.addReplica({ environment: 'prod', service, release: of, replica: 1, address: '', rollout }).generation;
  const said = (): readonly string[] =>
    versionsOf(store, clock.at).map(
      ({ release: of, desired, until }) => `${of}${desired ? ' desired' : ''}${until === undefined ? '' : ` ${until}`}`,
    );

  const first = begin(1, undefined);
  const [web] = [add('web', 1, first), add('api', 1, first)];
  assert.deepEqual(said(), ['1'], 'coming, for the first time');
  store.environments.move('prod', { release: 1, rollout: first, serving: [1, 2], retiring: [] });
  store.rollouts.end(first, { verdict: 'verified' });
  assert.deepEqual(said(), ['1 desired']);
  clock.at = 1000;
  const second = begin(2, 1);
  const fresh = add('web', 2, second);
  assert.deepEqual(said(), ['1 desired', '2'], 'beside the old one from its start');
  store.environments.move('prod', { release: 2, rollout: second, serving: [fresh], retiring: [web] });
  store.environments.removeReplica(web);
  store.rollouts.end(second, { verdict: 'verified' });
  assert.deepEqual(said(), ['2 desired', '1'], 'api was not changed');
  clock.at = 2000;
  store.rollouts.end(begin(3, 2), { verdict: 'undone' });
  store.environments.removeReplica(2);
  assert.deepEqual(said(), ['2 desired', '1 1000', '3 2000']);
  clock.at = 1001 + DAY;
  assert.deepEqual(said(), ['2 desired', '3 2000']);
});
