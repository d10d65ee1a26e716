import assert from 'node:assert/strict';
import { test } from 'node:test';

import { grownBetween, sort } from './processes.ts';

const instance = { home: '/var/lib/antler', prefix: 'antler-0123abcd' };

test('sort() finds every process of the instance, what it is, and what the application’s are', () => {
  const all = [
    { pid: 1, parent: 0, command: '/sbin/init' },
    { pid: 10, parent: 1, command: 'runsv antler-0123abcd-daemon' },
    { pid: 11, parent: 10, command: '/opt/node /var/lib/antler/program/src/daemon.ts --home /var/lib/antler' },
    { pid: 12, parent: 1, command: 'haproxy -W -f /var/lib/antler/edge/haproxy.cfg' },
    { pid: 13, parent: 12, command: 'haproxy -W -f /var/lib/antler/edge/haproxy.cfg' },
    { pid: 14, parent: 1, command: '/usr/bin/docker-registry serve /var/lib/antler/registry/config.yml' },
    { pid: 15, parent: 1, command: 'podman system service --time 60 unix:///var/lib/antler/run/engine.sock' },
    { pid: 16, parent: 1, command: 'podman system service --time 60 unix:///srv/var/lib/antler/run/engine.sock' },
    { pid: 20, parent: 1, command: '/usr/bin/conmon --api-version 1 -n antler-0123abcd-dev-backend-1' },
    { pid: 21, parent: 20, command: 'node src/main.ts' },
    { pid: 22, parent: 21, command: 'worker' },
    { pid: 30, parent: 1, command: '/usr/bin/conmon --api-version 1 -n somebody-elses' },
    { pid: 31, parent: 30, command: 'node src/main.ts' },
    { pid: 40, parent: 1, command: 'haproxy -W -f /var/lib/antler-two/edge/haproxy.cfg' },
    { pid: 50, parent: 1, command: 'node bench/run.ts --home /var/lib/antler' },
  ];
  assert.deepEqual(
    sort(all, instance).map(({ seen, part, app }) => [seen.pid, part, app]),
    [
      [10, 'supervisor', false],
      [11, 'daemon', false],
      [12, 'edge', false],
      [13, 'edge', false],
      [14, 'registry', false],
      [15, 'engine', false],
      [20, 'conmon', false],
      [21, 'containers', true],
      [22, 'containers', true],
    ],
  );
});

test('grownBetween() counts nothing that an ended child had done before, neither bytes nor time', () => {
  const one = (pid: number, parent: number, writtenBytes: number) => ({
    pid,
    parent,
    part: `p${pid}`,
    app: false,
    pssBytes: 0,
    writtenBytes,
    cpuSeconds: writtenBytes / 2,
  });
  const before = [one(10, 1, 100), one(11, 10, 5000), one(12, 10, 70)];
  // 11 wrote 8 more and ended: its parent has them all now; 13 came
  const after = [one(10, 1, 100 + 5008 + 2), one(12, 10, 75), one(13, 10, 30)];
  assert.deepEqual(grownBetween('writtenBytes', before, after), { p10: 10, p12: 5, p13: 30 });
  assert.deepEqual(grownBetween('cpuSeconds', before, after), { p10: 5, p12: 2.5, p13: 15 });
});
