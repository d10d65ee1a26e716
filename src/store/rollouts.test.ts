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
  assert.deepEqual(db.rollouts.begun(), [
    { environment: 'dev', at: 125 },
    { environment: 'prod', at: 120 },
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
