import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LABELS } from '../labels.ts';
import type { ContainerSpec } from '../types.ts';
import { createBody } from './create.ts';

const SPEC: ContainerSpec = {
  name: 'antler-1-dev-web-r1-1-1',
  image: 'registry/web@sha256:1',
  env: { A: '1; rm -rf /\n' },
  labels: { [LABELS.service]: 'web' },
  network: 'antler-1-dev',
  address: '10.70.101.10',
  hosts: { backend: '10.70.2.1' },
  idBase: 1_000_000,
  memory: 64_000_000,
  cpus: 0.25,
  pids: 64,
  hardened: false,
  volumes: [{ volume: 'antler-1-dev-data', path: '/data' }],
};
const CONTEXT = { instance: 'abcd', ulimits: { nofile: 20_000, nproc: 30_000 } };

test('createBody: limits, address, hosts, mapped root, own labels, no restart policy', () => {
  const body = createBody(SPEC, CONTEXT);
  assert.deepEqual(body['resource_limits'], {
    memory: { limit: 64_000_000, swap: 64_000_000 },
    cpu: { quota: 25_000, period: 100_000 },
    pids: { limit: 64 },
  });
  assert.deepEqual(body['Networks'], { 'antler-1-dev': { static_ips: ['10.70.101.10'], static_mac: '02:42:0a:46:65:0a' } });
  assert.deepEqual(body['hostadd'], ['backend:10.70.2.1']);
  assert.deepEqual(body['userns'], { nsmode: 'private' });
  assert.deepEqual(body['env'], SPEC.env);
  assert.deepEqual(body['volumes'], [{ Name: 'antler-1-dev-data', Dest: '/data', Options: ['rw'] }]);
  assert.equal(body['no_new_privileges'], true);
  assert.equal(body['restart_policy'], 'no');
  assert.equal((body['labels'] as Record<string, string>)[LABELS.instance], 'abcd');
  assert.equal((body['labels'] as Record<string, string>)[LABELS.address], '10.70.101.10');
  assert.ok(!('cap_drop' in body) && !('read_only_filesystem' in body) && !('command' in body));
});

test('createBody: hardened takes all capabilities and leaves memory to write to, but not over a volume', () => {
  const body = createBody({ ...SPEC, hardened: true, volumes: [{ volume: 'v', path: '/run' }] }, CONTEXT);
  assert.deepEqual(body['cap_drop'], ['ALL']);
  assert.equal(body['read_only_filesystem'], true);
  assert.deepEqual(
    (body['mounts'] as { readonly destination: string }[]).map(({ destination }) => destination),
    ['/tmp', '/var/tmp'],
  );
});

test('createBody: no map without a range; the kernel’s least cpu quota', () => {
  const { idBase: _, ...unmapped } = SPEC;
  const body = createBody({ ...unmapped, cpus: 0.001 }, CONTEXT);
  assert.ok(!('userns' in body) && !('idmappings' in body));
  assert.deepEqual((body['resource_limits'] as { readonly cpu: unknown }).cpu, { quota: 1000, period: 100_000 });
});
