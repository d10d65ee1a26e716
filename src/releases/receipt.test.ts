/** Whose word let a rollout go: what its receipt says of approvals. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { app, environment, service } from './fixtures.ts';
import { createWorld } from './world.ts';

test('receipt: names who approved the job that asked for the rollout, and nobody where another job asked', async () => {
  const spec = app([service('web', { expose: true })], [environment('prod', { approve: 1 })]);
  const world = await createWorld({ spec });
  const { runs, approvals } = world.store;
  const subject = { run: 1, attempt: 1, job: 'prod' };
  const event = { push: undefined, path: 'w.yml', name: 'w', event: 'push', ref: 'refs/heads/main', sha: 's', actor: 'ann', title: 't' };
  runs.add({ ...event, trigger: {}, inputs: {} });
  const job = { ...subject, key: 'prod', id: 'prod', name: 'prod', needs: [], state: 'waiting', environment: 'prod' } as const;
  runs.putJob({ ...job, conclusion: undefined, matrix: undefined, outputs: {}, reason: undefined });
  world.release(spec, { web: 'a' });
  const { id } = approvals.request({ subject: { kind: 'job', ...subject }, environment: 'prod', needed: 1 });
  approvals.vote(id, { actor: 'bob', approve: true, via: 'api', comment: undefined });
  const DEPLOY_PROD = { environment: 'prod', ask: { kind: 'deploy', release: undefined } } as const;
  const { receipt } = await world.move({ ...DEPLOY_PROD, passed: subject });
  assert.deepEqual(
    receipt.approvals.map(({ by, via }) => [by, via]),
    [['bob', 'api']],
  );
  const other = await world.move({ ...DEPLOY_PROD, passed: { ...subject, job: 'other' } });
  assert.deepEqual([other.receipt.verdict, other.receipt.approvals], ['verified', []]);
});
