import assert from 'node:assert/strict';
import { test } from 'node:test';

import { containersConf, engineService, runtimeOf, ulimitsOf } from './conf.ts';
import { cgroupsOf, hardLimit, type EngineFacts } from './facts.ts';

const DEBIAN_13: EngineFacts = { cgroups: 'v2', systemd: true, runc: undefined, crun: '/usr/bin/crun', nofile: 1_048_576, nproc: 127_000 };
const NO_SYSTEMD: EngineFacts = {
  cgroups: 'hybrid',
  systemd: false,
  runc: '/usr/sbin/runc',
  crun: '/usr/bin/crun',
  nofile: 20_000,
  nproc: 30_000,
};

test('containersConf: leaves runtime and cgroup manager to Podman where systemd and v2 are', () => {
  const conf = containersConf(DEBIAN_13);
  assert.doesNotMatch(conf, /^runtime|cgroup_manager|network_backend/m);
  assert.match(conf, /^log_driver = "k8s-file"$/m);
  assert.match(conf, /^events_logger = "file"$/m);
});

test('containersConf: names runc and cgroupfs where cgroups are hybrid without systemd, and ulimits below our own', () => {
  const conf = containersConf(NO_SYSTEMD);
  assert.match(conf, /^runtime = "runc"$/m);
  assert.match(conf, /^cgroup_manager = "cgroupfs"$/m);
  assert.match(conf, /^default_ulimits = \["nofile=20000:20000", "nproc=30000:30000"\]$/m);
});

test('runtimeOf: only names what exists, and only where it is needed', () => {
  assert.equal(runtimeOf({ ...NO_SYSTEMD, runc: undefined }), undefined);
  assert.equal(runtimeOf({ ...NO_SYSTEMD, cgroups: 'v1' }), 'runc');
  assert.equal(runtimeOf({ ...DEBIAN_13, runc: '/usr/sbin/runc' }), undefined);
});

test('ulimitsOf: unlimited stays within what an ordinary container gets', () => {
  assert.deepEqual(ulimitsOf({ ...DEBIAN_13, nofile: undefined, nproc: undefined }), { nofile: 524_288, nproc: 1_048_576 });
});

test('engineService: ends itself after an idle minute, with the instance’s own settings', () => {
  assert.deepEqual(engineService({ socket: '/h/engine.sock', conf: '/h/containers.conf' }), {
    command: ['podman', 'system', 'service', '--time', '60', 'unix:///h/engine.sock'],
    env: { CONTAINERS_CONF: '/h/containers.conf' },
  });
});

test('cgroupsOf: tells v1, hybrid, v2 and none by the mounts', () => {
  const v1 = 'cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0';
  const v2 = 'cgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0';
  assert.equal(cgroupsOf(v1), 'v1');
  assert.equal(cgroupsOf(`${v1}\ncgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0`), 'hybrid');
  assert.equal(cgroupsOf(v2), 'v2');
  assert.equal(cgroupsOf('proc /proc proc rw 0 0'), 'none');
});

test('hardLimit: reads /proc/self/limits', () => {
  const limits =
    'Limit                     Soft Limit           Hard Limit           Units\nMax processes             unlimited            unlimited            processes\nMax open files            1024                 20000                files     ';
  assert.equal(hardLimit(limits, 'Max open files'), 20_000);
  assert.equal(hardLimit(limits, 'Max processes'), undefined);
});
