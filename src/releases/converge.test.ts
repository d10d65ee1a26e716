import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LABELS } from '../engines/engines.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld } from './world.ts';

const NEVER = new AbortController().signal;

test('converge: removes what nothing wants, and leaves a run’s job alone', async () => {
  const spec = app([service('web', { expose: true })], [environment('dev')]);
  const world = await createWorld({ spec });
  world.release(spec, { web: 'a' });
  await world.move({ environment: 'dev', ask: { kind: 'deploy', release: undefined } });
  const [image = ''] = (await world.engine.list(NEVER)).map((each) => each.image);
  const plain = { env: {}, network: 'antler-test-dev', hosts: {}, memory: 1, cpus: 1, pids: 1, hardened: false, volumes: [] };
  const stray = (name: string, labels: Readonly<Record<string, string>>, address: string): Promise<string> =>
    world.engine.create({ ...plain, name, image, labels, address }, NEVER);
  await stray('stranger', {}, '10.0.0.251');
  await stray('job', { [LABELS.kind]: 'job' }, '10.0.0.252');
  await world.restart();
  const names = (await world.engine.list(NEVER)).map(({ name }) => name);
  assert.deepEqual([names.includes('stranger'), names.includes('job')], [false, true]);
});
