/** Where an environment's port leads when the exposed service has another name: to what is deployed there, and no sooner. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppSpec } from '../config/types.ts';
import { AntlerError } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld, type World } from './world.ts';

const ENVIRONMENTS = [environment('dev'), environment('stg', { from: 'dev', port: 30_009 })];
const OLD = app([service('web', { expose: true })], ENVIRONMENTS);
const NEW = app([service('site', { expose: true })], ENVIRONMENTS);
const BOTH = app([service('web', { expose: true }), service('site')], ENVIRONMENTS);
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;

interface Renamed {
  readonly world: World;
  /** What was so each time when everything was put in its place anew. */
  readonly arranged: string[];
}

/** dev and stg run the old release; the config and the newest release have another name. */
async function renamed(goes: 'well' | 'never ready' | 'no port'): Promise<Renamed> {
  const arranged: string[] = [];
  const world: World = await createWorld({
    spec: BOTH,
    behave: ({ labels }) => (labels['antler.service'] === 'site' && goes === 'never ready' ? { ends: { afterMs: 5, exitCode: 3 } } : {}),
    arranged: async () => {
      const leads = world.releases.exposed('dev') ?? '';
      arranged.push(`${leads}: ${(await world.serving('dev')).join(', ')}`);
      if (goes === 'no port' && leads === 'site') throw new AntlerError('edge/port-taken', 'Cannot listen on port 30008');
    },
  });
  world.releases.setApp({ spec: OLD, directory: '/' });
  world.release(OLD, { web: 'a' });
  await world.move(DEPLOY);
  await world.move({ environment: 'stg', ask: { kind: 'promote' } });
  world.releases.setApp({ spec: NEW, directory: '/' });
  world.release(NEW, { site: 'b' });
  if (goes === 'never ready') world.edge.setReady({ environment: 'dev', service: 'site', name: 'r2.1.3' }, false);
  return { world, arranged };
}

test('exposed: a config that was taken over moves no port; a rollout does, once the new service has all requests and before the old one stops', async () => {
  const { world, arranged } = await renamed('well');
  assert.deepEqual([world.releases.exposed('dev'), world.releases.exposed('stg')], ['web', 'web']);
  await world.move(DEPLOY);
  assert.deepEqual(arranged, ['site: site r2, web r1']);
  assert.deepEqual([world.releases.exposed('dev'), world.releases.exposed('stg')], ['site', 'web']);
  assert.deepEqual(await world.serving('dev'), ['site r2']);
  await world.move({ environment: 'dev', ask: { kind: 'rollback', to: undefined } });
  assert.deepEqual([world.releases.exposed('dev'), await world.serving('dev')], ['web', ['web r1']]);
});

for (const [goes, seen] of [
  ['never ready', ['web: web r1']],
  ['no port', ['site: site r2, web r1', 'web: site r2, web r1']],
] as const) {
  test(`exposed: a rollout that fails (${goes}) leaves the port where it leads`, async () => {
    const { world, arranged } = await renamed(goes);
    await assert.rejects(world.move(DEPLOY));
    assert.deepEqual([world.releases.exposed('dev'), await world.serving('dev')], ['web', ['web r1']]);
    assert.deepEqual(arranged, seen, 'the old one never left');
  });
}

test('withDeployed: services of a release on its way have a place, also where today’s config has them not', async () => {
  const { world } = await renamed('well');
  const names = (spec: AppSpec): string[] => world.releases.withDeployed(spec).services.map(({ name }) => name);
  assert.deepEqual(names(NEW), ['site', 'web']);
  const approved = app(OLD.services, [environment('dev', { approve: 1 })]);
  world.releases.setApp({ spec: approved, directory: '/' });
  assert.deepEqual(names(approved), ['web']);
  await world.releases.begin({ ...DEPLOY, ask: { kind: 'deploy', release: 2 }, actor: 'ann', force: false, reason: undefined });
  assert.deepEqual(names(approved), ['web', 'site']);
});
