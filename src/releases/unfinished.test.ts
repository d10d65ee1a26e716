/** Rollouts that can go neither on nor back, and what their receipts say then. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError, hasCode } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld } from './world.ts';

const SPEC = app([service('web', { expose: true })], [environment('dev')]);
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;
const unreachable = (): never => {
  throw new AntlerError('edge/unreachable', 'Cannot ask HAProxy as it does not answer');
};

test('deploy: what cannot be stopped after the shift is said, its receipt never says undone, and the next deploy ends it', async () => {
  let away = false;
  const world = await createWorld({
    spec: SPEC,
    wrapEdge: (edge) => ({ ...edge, drain: async (server, options) => (away ? unreachable() : edge.drain(server, options)) }),
  });
  for (const letter of ['a', 'b']) {
    world.release(SPEC, { web: letter });
    if (letter === 'a') await world.move(DEPLOY);
  }
  away = true;
  await assert.rejects(world.move(DEPLOY), (error) => {
    assert.ok(hasCode(error, 'releases/unfinished'));
    assert.match(String(error), /Cannot stop what served dev before as .* does not answer; r2 has all requests/);
    return true;
  });
  const { verdict, reason } = world.releases.receipt('r2', 'dev');
  assert.deepEqual([verdict, reason?.includes('r2 has all requests')], ['failed', true]);
  assert.equal(world.store.environments.get('dev').release, 2);
  assert.deepEqual(await world.running(), ['dev web r1', 'dev web r2']);
  away = false;
  assert.equal((await world.move(DEPLOY)).receipt.verdict, 'verified');
  assert.deepEqual(await world.serving('dev'), ['web r2']);
  assert.deepEqual(await world.running(), ['dev web r2']);
});

test('deploy: one that fails and cannot go back is no undone one', async () => {
  let away = false;
  const world = await createWorld({
    spec: SPEC,
    wrapEdge: (edge) => ({
      ...edge,
      weights: async (...args) => (away ? unreachable() : edge.weights(...args)),
    }),
  });
  for (const letter of ['a', 'b']) {
    world.release(SPEC, { web: letter });
    if (letter === 'a') await world.move(DEPLOY);
  }
  away = true;
  await assert.rejects(world.move(DEPLOY), (error) => hasCode(error, 'releases/unfinished') && /cannot go back as/.test(String(error)));
  assert.equal(world.releases.receipt('r2', 'dev').verdict, 'failed');
});
