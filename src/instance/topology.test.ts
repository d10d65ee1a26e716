import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppSpec, EnvironmentSpec, ServiceSpec } from '../config/types.ts';
import { hasCode } from '../kit/errors.ts';
import { buildNetwork, planTopology, virtualAddresses, type TopologyOptions } from './topology.ts';

const instance = { id: '0a1b2c3d', block: 44, idBase: 1_879_048_192, portOffset: 1000 };

function spec(services: readonly string[], environments: readonly (readonly [string, number])[], app = 'shop'): AppSpec {
  return {
    version: 1,
    app,
    bases: {},
    services: services.map((name) => ({ name, port: 5000 }) as unknown as ServiceSpec),
    environments: environments.map(([name, port]) => ({ name, port }) as unknown as EnvironmentSpec),
  };
}

function plan(wanted: AppSpec, more: Partial<TopologyOptions> = {}) {
  return planTopology({ recorded: undefined, spec: wanted, instance, public: false, ...more });
}

const three = spec(
  ['backend', 'frontend'],
  [
    ['dev', 30_008],
    ['stg', 30_009],
    ['prod', 30_010],
  ],
);

test('planTopology() gives each environment its subnet, ids and port, and each service its address', () => {
  const { topology } = plan(three);
  assert.equal(topology.prefix, 'antler-0a1b2c3d');
  assert.deepEqual(topology.environments['stg'], {
    network: 'antler-0a1b2c3d-stg',
    subnet: '10.44.102.0/24',
    idBase: 1_879_048_192 + 2 * 65_536,
    services: { backend: '10.44.2.1', frontend: '10.44.2.2' },
    port: 31_009,
    listen: 'any',
  });
  assert.deepEqual(virtualAddresses(topology), ['10.44.1.1', '10.44.1.2', '10.44.2.1', '10.44.2.2', '10.44.3.1', '10.44.3.2']);
});

test('planTopology() lets the last environment alone be public on a public machine', () => {
  const { topology } = plan(three, { public: true });
  assert.deepEqual(
    Object.values(topology.environments).map((place) => place.listen),
    ['loopback', 'loopback', 'any'],
  );
});

test('planTopology() changes nothing the second time', () => {
  const first = plan(three);
  assert.deepEqual(plan(three, { recorded: first.recorded }), first);
});

test('planTopology() never gives a removed name’s place to another, and gives it back to the name', () => {
  const first = plan(three);
  const second = plan(
    spec(
      ['frontend', 'cache'],
      [
        ['dev', 1],
        ['qa', 2],
      ],
    ),
    { recorded: first.recorded },
  );
  assert.equal(second.topology.environments['qa']?.subnet, '10.44.104.0/24');
  assert.deepEqual(second.topology.environments['dev']?.services, { frontend: '10.44.1.2', cache: '10.44.1.3' });
  assert.deepEqual(Object.keys(second.topology.environments), ['dev', 'qa']);
  const third = plan(three, { recorded: second.recorded });
  assert.deepEqual(third.topology.environments['stg'], first.topology.environments['stg']);
});

test('planTopology() takes the place of a name that is gone only when all are used, and refuses when none is', () => {
  const many = Array.from({ length: 90 }, (_, n): readonly [string, number] => [`e${n}`, n]);
  const full = plan(spec(['web'], many));
  const swapped = plan(spec(['web'], [...many.slice(0, 4), ...many.slice(5), ['new', 1]]), { recorded: full.recorded });
  assert.equal(swapped.topology.environments['new']?.subnet, '10.44.105.0/24');
  assert.equal(swapped.recorded.environments['e4'], undefined);
  assert.throws(
    () => plan(spec(['web'], [...many, ['more', 1]]), { recorded: full.recorded }),
    (error) => hasCode(error, 'instance/no-free-block'),
  );
});

test('planTopology() refuses a second app', () => {
  const { recorded } = plan(three);
  assert.throws(
    () => plan({ ...three, app: 'blog' }, { recorded }),
    (error) => hasCode(error, 'releases/other-app'),
  );
});

test('buildNetwork() lies beside every environment, and no environment’s name can be its', () => {
  assert.deepEqual(buildNetwork(instance), { name: 'antler-0a1b2c3d.build', subnet: '10.44.200.0/24' });
});
