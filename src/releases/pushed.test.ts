/** mergePushed(), withDeployed(): what a commit may change, and what it may not take away. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import { mergePushed, withDeployed } from './pushed.ts';

const held = app(
  [service('web', { expose: true })],
  [environment('dev'), environment('prod', { port: 30_010, from: 'dev', soakMs: 60_000, approve: 1, branches: ['main'] })],
);

test('mergePushed(): services and run-time facts are the commit’s; ports and protection stay the operator’s', () => {
  const pushed = app(
    [service('web', { expose: true, memory: 1 }), service('api')],
    [
      environment('dev', { strategy: { steps: [50, 100], bakeMs: 5 }, services: { web: { env: { A: 'b' } } } }),
      environment('prod', { port: 1, approve: 0, replicas: 3 }),
      environment('mine', { port: 30_011 }),
    ],
  );
  const { spec, notes } = mergePushed(held, pushed);
  assert.deepEqual(spec.services, pushed.services);
  assert.deepEqual(
    spec.environments.map(({ name }) => name),
    ['dev', 'prod'],
  );
  const [dev, prod] = spec.environments;
  assert.deepEqual(dev?.services, { web: { env: { A: 'b' } } });
  assert.deepEqual(dev?.strategy.steps, [50, 100]);
  assert.deepEqual(
    [prod?.port, prod?.from, prod?.soakMs, prod?.approve, prod?.branches, prod?.replicas],
    [30_010, 'dev', 60_000, 1, ['main'], 3],
  );
  assert.match(notes.join(), /prod: port, from, soakMs, approve, branches differ; mine is new/);
  assert.deepEqual(mergePushed(held, held), { spec: held, notes: [] });
});

test('mergePushed(): an environment that the commit leaves out stays; another app is refused', () => {
  const { spec, notes } = mergePushed(held, app(held.services, [environment('dev')]));
  assert.deepEqual(spec.environments, held.environments);
  assert.match(notes.join(), /prod is not in this commit’s config/);
  assert.throws(
    () => mergePushed(held, { ...held, app: 'other' }),
    (error) => hasCode(error, 'releases/other-app'),
  );
});

test('withDeployed(): a service that is gone from the config keeps its place while an environment runs it', () => {
  const old = app([service('web', { expose: true }), service('worker')], held.environments);
  const names = (spec: typeof held): string[] => spec.services.map(({ name }) => name);
  assert.deepEqual(names(withDeployed(held, [old, held])), ['web', 'worker']);
  assert.deepEqual(withDeployed(held, [held]), held);
});

test('withDeployed(): a service that a release stops first can be stopped first, also where today’s config has no volume', () => {
  const old = app([service('web', { expose: true, overlap: false, volumes: [{ name: 'data', path: '/data' }] })], held.environments);
  const [web] = withDeployed(held, [held, old]).services;
  assert.deepEqual([web?.overlap, web?.volumes], [false, []]);
});
