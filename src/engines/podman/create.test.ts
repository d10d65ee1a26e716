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

test('createBody: what a job adds is there when it is asked for, and nothing of it otherwise', () => {
  const { idBase: _, ...unmapped } = SPEC;
  const job: ContainerSpec = {
    ...unmapped,
    userns: 'auto',
    mounts: [
      { source: '/home/a b', path: '/work', readOnly: false },
      { source: '/program', path: '/program', readOnly: true },
    ],
    entrypoint: ['tail'],
    init: true,
    cpuShares: 128,
    oomScore: 500,
    alone: true,
  };
  const body = createBody(job, CONTEXT);
  assert.deepEqual(body['userns'], { nsmode: 'auto', value: 'size=65536' });
  assert.deepEqual(body['mounts'], [
    { destination: '/work', type: 'bind', source: '/home/a b', options: ['rbind', 'nosuid', 'nodev', 'rw'] },
    { destination: '/program', type: 'bind', source: '/program', options: ['rbind', 'nosuid', 'nodev', 'ro'] },
  ]);
  assert.deepEqual([body['entrypoint'], body['init'], body['oom_score_adj']], [['tail'], true, 500]);
  assert.equal((body['resource_limits'] as { readonly cpu: { readonly shares: number } }).cpu.shares, 128);
  assert.equal((body['labels'] as Record<string, string>)[LABELS.alone], 'true');
  const plain = createBody(SPEC, CONTEXT);
  for (const key of ['mounts', 'entrypoint', 'init', 'oom_score_adj']) assert.ok(!(key in plain), key);
  assert.ok(!(LABELS.alone in (plain['labels'] as Record<string, string>)));
  // Of a container that runs since before these options: it is the same one.
  assert.equal(
    (plain['labels'] as Record<string, string>)[LABELS.spec],
    'sha256:a95d84f4997a7eb7a9a23707239f12105f1c8aefd40f0cd6b0838d579e8a2c6b',
  );
});
