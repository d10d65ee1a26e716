import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ServiceResource, SupervisorPlace } from '../types.ts';
import { bootResources } from './boot.ts';
import { parseStatus } from './runit.ts';
import { runitFiles } from './runit-service.ts';
import { parseShow } from './systemd.ts';
import { systemdFiles } from './systemd-unit.ts';

const EDGE: ServiceResource = {
  kind: 'service',
  name: 'antler-x-edge',
  description: 'edge of /srv/x',
  command: ['/usr/sbin/haproxy', '-Ws', '-f', '/srv/x/a b.cfg'],
  env: { KEY: 'a b' },
  user: 'root',
  before: [['ip', 'address', 'replace', '10.9.0.1/32', 'dev', 'lo']],
  mode: 'always',
  ready: 'notify',
  reload: ['kill', '-USR2', '$MAINPID'],
  stopSeconds: 7,
  openFiles: 20000,
  afterServices: ['antler-x-net'],
};
const ONCE: ServiceResource = { ...EDGE, mode: 'once', after: ['podman', 'stop', '-a'], command: ['true'], reload: ['true'] };
const PLACE: SupervisorPlace = { kind: 'runit', id: 'x', home: '/srv/x', servicesDir: '/srv/x/services', logsDir: '/srv/x/logs' };

test('systemdFiles(): a service that is always there', () => {
  assert.equal(
    systemdFiles(EDGE)['/etc/systemd/system/antler-x-edge.service'],
    `# Written by Antler: \`antler up\` puts this text back.
[Unit]
Description=edge of /srv/x
After=network.target antler-x-net.service
Wants=antler-x-net.service
StartLimitIntervalSec=0

[Service]
Type=notify
Environment="KEY=a b"
ExecStartPre=+"ip" "address" "replace" "10.9.0.1/32" "dev" "lo"
ExecStart="/usr/sbin/haproxy" "-Ws" "-f" "/srv/x/a b.cfg"
ExecReload=+"kill" "-USR2" $MAINPID
KillMode=mixed
Restart=always
RestartSec=100ms
TimeoutStopSec=7
LimitNOFILE=20000
OOMPolicy=continue

[Install]
WantedBy=multi-user.target
`,
  );
});

test('systemdFiles(): once keeps counting as active and stops by its own command; demand is neither restarted nor enabled', () => {
  const [once = ''] = Object.values(systemdFiles(ONCE));
  assert.match(once, /Type=oneshot/);
  assert.match(once, /RemainAfterExit=yes/);
  assert.match(once, /ExecStop=\+"podman" "stop" "-a"/);
  const [demand = ''] = Object.values(systemdFiles({ ...EDGE, mode: 'demand', user: 'nobody' }));
  assert.doesNotMatch(demand, /Restart=|WantedBy=/);
  assert.match(demand, /User=nobody/);
});

test('runitFiles(): a run script with its order, its commands before, its limits and its words', () => {
  const files = runitFiles(EDGE, PLACE);
  assert.equal(
    files['/srv/x/services/antler-x-edge/run'],
    `#!/bin/sh
# Written by Antler: \`antler up\` puts this text back.
exec 2>&1
sv -w 60 start /srv/x/services/antler-x-net >/dev/null || exit 1
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 'KEY=a b' ip address replace 10.9.0.1/32 dev lo || exit 1
ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -H -n)"
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 'KEY=a b' /usr/sbin/haproxy -Ws -f '/srv/x/a b.cfg'
`,
  );
  assert.equal(files['/srv/x/services/antler-x-edge/down'], undefined);
  assert.match(
    files['/srv/x/services/antler-x-edge/reload'] ?? '',
    /exec kill -USR2 "\$\(cat \/srv\/x\/services\/antler-x-edge\/supervise\/pid\)"/,
  );
});

test('runitFiles(): demand stays down until asked, once stays up after its command and runs `after` when told to stop, a user is taken', () => {
  assert.equal(runitFiles({ ...EDGE, mode: 'demand' }, PLACE)['/srv/x/services/antler-x-edge/down'], '');
  const once = runitFiles(ONCE, PLACE);
  assert.match(once['/srv/x/services/antler-x-edge/run'] ?? '', /true \|\| exit 1\n: >\.\/ran\nexec tail/);
  assert.match(once['/srv/x/services/antler-x-edge/control/d'] ?? '', /podman stop -a/);
  assert.match(
    runitFiles({ ...EDGE, user: 'nobody' }, PLACE)['/srv/x/services/antler-x-edge/run'] ?? '',
    / chpst -u nobody \/usr\/sbin\/haproxy/,
  );
});

test('bootResources(): an init script that calls the boot script of the home; nothing under systemd', () => {
  const resources = bootResources(PLACE);
  assert.deepEqual(
    resources.map((resource) => (resource.kind === 'file' ? [resource.path, resource.mode.toString(8)] : [])),
    [
      ['/srv/x/boot', '755'],
      ['/etc/init.d/antler-x', '755'],
      ['/etc/runit/lsb.runit.sysv', '644'],
    ],
  );
  assert.deepEqual(bootResources({ ...PLACE, kind: 'systemd' }), []);
});

test('parseStatus() reads what sv says', () => {
  const running = parseStatus('run: /srv/x/services/a: (pid 123) 45s; run: log: (pid 124) 45s\n');
  assert.deepEqual(running, { running: true, pid: 123, text: 'run: (pid 123) 45s' });
  const down = parseStatus('down: /srv/x/services/a: 1s, normally up, want up; run: log: (pid 7) 1s\n');
  assert.deepEqual(down, { running: false, pid: undefined, text: 'down: 1s, normally up, want up' });
  assert.equal(parseStatus('fail: /srv/x/services/a: unable to change to service directory: file does not exist\n').running, false);
});

test('parseShow() gives each unit its own values', () => {
  const shown = parseShow(['a', 'b'], 'ActiveState=active\nMainPID=7\n\nActiveState=inactive\nMainPID=0\n');
  assert.deepEqual(shown.get('a'), { ActiveState: 'active', MainPID: '7' });
  assert.deepEqual(shown.get('b'), { ActiveState: 'inactive', MainPID: '0' });
});
