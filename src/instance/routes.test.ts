import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { AppSpec } from '../config/types.ts';
import { planRoutes, planUrls } from './routes.ts';
import type { EnvironmentPlace, Topology } from './types.ts';

const health = { path: '/healthz', startMs: 60_000, intervalMs: 5000, timeoutMs: 2000 };
const spec = {
  app: 'shop',
  services: [
    { name: 'backend', port: 5000, expose: false, health, volumes: [{ name: 'data', path: '/data' }], overlap: false, drainMs: 30_000 },
    { name: 'frontend', port: 8080, expose: true, health, volumes: [], overlap: true, drainMs: 1000 },
  ],
  environments: [{ name: 'dev' }, { name: 'prod' }],
} as unknown as AppSpec;

function place(index: number, listen: string): EnvironmentPlace {
  const services = { backend: `10.44.${index}.1`, frontend: `10.44.${index}.2` };
  return { network: 'n', subnet: `10.44.${100 + index}.0/24`, idBase: 1, services, port: 30_000 + index, listen };
}

const topology: Topology = { prefix: 'antler-x', environments: { dev: place(1, 'loopback'), prod: place(2, '2a01:4f8::2') } };

test('planRoutes() gives each service of each environment a route, and the exposed one the entry', () => {
  const routes = planRoutes(spec, topology, { jobs: '10.44.201.0/24' });
  assert.deepEqual(
    routes.map(({ environment, service, address, entry, stopFirst }) => [environment, service, address, entry?.port, stopFirst]),
    [
      ['dev', 'backend', '10.44.1.1', undefined, true],
      ['dev', 'frontend', '10.44.1.2', 30_001, false],
      ['prod', 'backend', '10.44.2.1', undefined, true],
      ['prod', 'frontend', '10.44.2.2', 30_002, false],
    ],
  );
  assert.deepEqual(
    routes.map(({ jobs }) => jobs),
    [undefined, '10.44.201.0/24', undefined, '10.44.201.0/24'],
    'jobs may call what is exposed',
  );
  assert.deepEqual(routes[0]?.health, { path: '/healthz', intervalMs: 5000, timeoutMs: 2000 });
});

test('planRoutes() leads an environment’s port where what is deployed there wants it, as long as that service is known', () => {
  const jobs = '10.44.201.0/24';
  const exposed = (environment: string): string => (environment === 'dev' ? 'backend' : 'gone');
  const routes = planRoutes(spec, topology, { jobs, exposed });
  assert.deepEqual(
    routes.map(({ environment, service, entry, jobs: may }) => [environment, service, entry?.port, may]),
    [
      ['dev', 'backend', 30_001, jobs],
      ['dev', 'frontend', undefined, jobs],
      ['prod', 'backend', undefined, undefined],
      ['prod', 'frontend', 30_002, jobs],
    ],
  );
});

test('planUrls() writes what a person types on the machine', () => {
  assert.deepEqual(planUrls(spec, topology), [
    { name: 'dev', url: 'http://localhost:30001' },
    { name: 'prod', url: 'http://[2a01:4f8::2]:30002' },
  ]);
});
