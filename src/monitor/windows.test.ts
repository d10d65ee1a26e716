/** What a rollout hides, for how long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { WantedReplica, WantedService } from './targets.ts';
import { createWindows } from './windows.ts';

const [SECOND, MINUTE] = [1000, 60_000];
const HOUR = 60 * MINUTE;
const PROD = [{ environment: 'prod', startedAt: 0 }];

function web(release: string, coming: readonly string[] = []): readonly WantedService[] {
  const replica = (each: string): WantedReplica => ({
    name: `${each}.1.7`,
    release: each,
    digest: '',
    container: 'web-1',
    address: '127.0.0.1',
    port: 1,
    path: '/',
    timeoutMs: 1,
  });
  return [{ environment: 'prod', service: 'web', release, edge: undefined, replicas: [replica(release)], coming: coming.map(replica) }];
}

test('isOpen(): weakness is hidden for 15 minutes of a rollout, and 60 seconds after it, no longer', () => {
  const windows = createWindows();
  const open = (at: number): boolean => windows.isOpen('prod', 'web', at);
  assert.equal(open(0), false, 'no rollout');
  windows.set({ rollouts: PROD, services: web('r1', ['r2']) }, 0);
  assert.deepEqual([open(0), open(15 * MINUTE - 1), open(15 * MINUTE)], [true, true, false]);
  assert.equal(windows.isOpen('stg', 'web', 0), false, 'another environment');
  windows.set({ rollouts: [], services: web('r2') }, HOUR);
  assert.deepEqual([open(HOUR), open(HOUR + MINUTE - 1), open(HOUR + MINUTE)], [true, true, false]);
  windows.well('prod', 'web');
  assert.equal(open(HOUR + SECOND), false, 'well again: there is nothing to hide any more');
});

test('releases(): a rollout that bakes for a day makes strangers of neither of its releases, until a minute after its end', () => {
  const windows = createWindows();
  const own = (at: number): readonly string[] => [...windows.releases('prod', 'web', at)].sort();
  for (const at of [0, 15 * MINUTE, 24 * HOUR]) {
    windows.set({ rollouts: PROD, services: web('r1', ['r2']) }, at);
    assert.deepEqual(own(at), ['r1', 'r2'], `after ${at / MINUTE} minutes`);
  }
  assert.deepEqual([...windows.releases('prod', 'api', 0)], [], 'another service is not moved');
  const end = 24 * HOUR + SECOND;
  windows.set({ rollouts: PROD, services: web('r2') }, end); // it retires the old ones
  assert.deepEqual(own(end), ['r1', 'r2']);
  windows.set({ rollouts: [], services: web('r2') }, end);
  assert.deepEqual([own(end), own(end + MINUTE - 1), own(end + MINUTE)], [['r1', 'r2'], ['r1', 'r2'], []]);
});

test('releases(): after the end of a rollout the service that is well hides nothing, and the next rollout begins with its own', () => {
  const windows = createWindows();
  windows.set({ rollouts: PROD, services: web('r1', ['r2']) }, 0);
  windows.well('prod', 'web');
  assert.equal(windows.releases('prod', 'web', 0).size, 2, 'as long as it runs');
  windows.set({ rollouts: [], services: web('r1') }, SECOND); // it was abandoned
  assert.equal(windows.releases('prod', 'web', SECOND).size, 2);
  windows.well('prod', 'web');
  assert.equal(windows.releases('prod', 'web', SECOND).size, 0);
  windows.set({ rollouts: PROD, services: web('r1', ['r3']) }, 2 * SECOND);
  assert.deepEqual([...windows.releases('prod', 'web', 2 * SECOND)].sort(), ['r1', 'r3']);
});
