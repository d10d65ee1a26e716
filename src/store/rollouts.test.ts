import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { NewRollout } from './rollouts.ts';
import { openPlatform } from './store.ts';
import type { NewRelease } from './types.ts';

const RELEASE: NewRelease = {
  app: 'moose',
  commit: 'abc',
  dirty: false,
  fingerprint: 'f',
  spec: { version: 1, app: 'moose', bases: {}, services: [], environments: [] },
  actor: 'ana',
  services: [],
};
const DEPLOY: NewRollout = {
  environment: 'prod',
  release: 1,
  from: undefined,
  kind: 'deploy',
  actor: 'ana',
  forcedReason: undefined,
  phase: 'start',
};

test('rollouts.since: those that began, ended or go on since then; of that environment', () => {
  const clock = { at: 0, now: () => clock.at };
  using db = openPlatform(':memory:', clock);
  db.releases.add(RELEASE);
  const roll = (began: number, ended: number | undefined, environment = 'prod'): number => {
    clock.at = began;
    const { id } = db.rollouts.begin({ ...DEPLOY, environment });
    clock.at = ended ?? began;
    if (ended !== undefined) db.rollouts.end(id, { verdict: 'verified' });
    return id;
  };
  roll(0, 50);
  const wanted = [roll(60, 150), roll(70, undefined), roll(120, 130)];
  roll(125, 130, 'dev');
  assert.deepEqual(
    db.rollouts.since('prod', 100).map(({ id }) => id),
    wanted,
  );
});

test('rollouts.moves: stand where requests first went to the release; one that waits, or was refused, moved nothing', () => {
  const clock = { at: 0, now: () => clock.at };
  using db = openPlatform(':memory:', clock);
  db.releases.add(RELEASE);
  const roll = (steps: readonly (readonly [at: number, step: string])[], environment = 'prod'): number => {
    clock.at = steps[0]?.[0] ?? clock.at;
    const { id } = db.rollouts.begin({ ...DEPLOY, environment, phase: 'waiting' });
    for (const [at, step] of steps) {
      clock.at = at;
      db.rollouts.step(id, { step: `${environment}/${step}`, title: step }); // as a rollout names it
    }
    return id;
  };
  const waits = roll([]);
  const refused = roll([[10, 'soak']]);
  db.rollouts.end(refused, { verdict: 'failed' });
  roll([[15, 'fetch']], 'dev');
  const shifted = [
    [20, 'soak'],
    [30, 'fetch'],
    [50, 'shift/10'],
    [60, 'shift/100'],
  ] as const;
  roll(shifted);
  const broken = roll([[70, 'fetch']]);
  db.rollouts.end(broken, { verdict: 'undone' });
  assert.deepEqual(
    db.rollouts.moves('prod', 0).map(({ at, verdict }) => [at, verdict]),
    [
      [50, 'waiting'],
      [70, 'undone'],
    ],
  );
  assert.equal(db.rollouts.moves('prod', 60).length, 1);
  db.rollouts.step(waits, { step: 'prod/fetch', title: 'fetch' });
  assert.equal(db.rollouts.moves('prod', 0).length, 3);
  assert.deepEqual(db.rollouts.begun(), [
    { environment: 'dev', at: 15 },
    { environment: 'prod', at: 70 },
  ]);
});

test('rollouts.wentBack: what was asked for and what did not hold are counted apart; a rollback that failed is none', () => {
  using db = openPlatform(':memory:');
  db.releases.add(RELEASE);
  const roll = (kind: NewRollout['kind'], verdict: 'verified' | 'failed' | 'undone'): void =>
    db.rollouts.end(db.rollouts.begin({ ...DEPLOY, kind }).id, { verdict });
  assert.deepEqual(db.rollouts.wentBack(), []);
  roll('rollback', 'verified');
  roll('rollback', 'verified');
  roll('rollback', 'undone');
  roll('deploy', 'verified');
  roll('deploy', 'failed');
  roll('promote', 'undone');
  assert.deepEqual(db.rollouts.wentBack(), [
    { environment: 'prod', reason: 'asked', count: 2 },
    { environment: 'prod', reason: 'failed', count: 1 },
  ]);
});
