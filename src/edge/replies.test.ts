import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseProc, parseServersState, parseSessions, parseStat } from './replies.ts';

test('parseStat() reads columns by name, quoted cells too, and the last check also while the next one runs', () => {
  const text = [
    '# pxname,svname,scur,status,check_status,check_code,last_chk,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,',
    'service:dev:backend,FRONTEND,2,OPEN,,,,0,9,0,0,0,0,',
    'dev:backend,r1.0.1,1,UP,* L7OK,200,"OK, said ""hello""",5,4,1,2,3,1,',
    'dev:backend,r2.0.2,0,DOWN,L4CON,,Connection refused,,,,,,,',
    'dev:backend,r3.0.3,0,DOWN,* L7STS,0,,,,,,,,',
    'dev:backend,hold,0,no check,,,,0,0,0,0,0,0,',
    '',
  ].join('\n');
  assert.deepEqual(parseStat(text), [
    { proxy: 'service:dev:backend', server: 'FRONTEND', sessions: 2, status: 'OPEN', check: '', lastCheck: '', responses: 9 },
    { proxy: 'dev:backend', server: 'r1.0.1', sessions: 1, status: 'UP', check: 'L7OK/200', lastCheck: 'OK, said "hello"', responses: 11 },
    { proxy: 'dev:backend', server: 'r2.0.2', sessions: 0, status: 'DOWN', check: 'L4CON', lastCheck: 'Connection refused', responses: 0 },
    { proxy: 'dev:backend', server: 'r3.0.3', sessions: 0, status: 'DOWN', check: 'L7STS', lastCheck: '', responses: 0 },
    { proxy: 'dev:backend', server: 'hold', sessions: 0, status: 'no check', check: '', lastCheck: '', responses: 0 },
  ]);
  assert.deepEqual(parseStat(''), []);
});

test('parseServersState() tells maintenance from drain by the bits of the admin state', () => {
  const head = '# be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight srv_port';
  const cases = [
    { row: '3 dev:backend 1 r1.0.1 10.77.101.10 2 0 100 100 5000', running: true, maintenance: false, drain: false },
    { row: '3 dev:backend 1 r1.0.1 10.77.101.10 0 1 100 100 5000', running: false, maintenance: true, drain: false },
    { row: '3 dev:backend 1 r1.0.1 10.77.101.10 0 32 100 100 5000', running: false, maintenance: true, drain: false },
    { row: '3 dev:backend 1 r1.0.1 10.77.101.10 2 8 100 100 5000', running: true, maintenance: false, drain: true },
    { row: '3 dev:backend 1 r1.0.1 10.77.101.10 2 16 100 100 5000', running: true, maintenance: false, drain: true },
  ];
  for (const { row, ...expected } of cases) {
    assert.deepEqual(parseServersState(`1\n${head}\n${row}\n\n`), [
      { backend: 'dev:backend', name: 'r1.0.1', address: '10.77.101.10', port: 5000, weight: 100, ...expected },
    ]);
  }
});

test('parseProc() tells old workers from the current one, and how many reloads failed', () => {
  const text = [
    '#<PID>          <type>          <reloads>       <uptime>        <version>',
    '1162            master          5 [failed: 2]   0d00h02m07s     2.6.12',
    '# workers',
    '1271            worker          1               0d00h00m00s     2.6.12',
    '# old workers',
    '1233            worker          3               0d00h00m43s     2.6.12',
    '# programs',
    '',
  ].join('\n');
  assert.deepEqual(parseProc(text), {
    master: 1162,
    failedReloads: 2,
    workers: [
      { pid: 1271, old: false },
      { pid: 1233, old: true },
    ],
  });
  assert.deepEqual(parseProc(''), { master: undefined, failedReloads: 0, workers: [] });
});

test('parseSessions() finds the server of each session', () => {
  const text = [
    '0x55fc4255aa90: proto=tcpv4 src=127.0.0.1:55988 fe=service:dev:backend be=dev:backend srv=r1.0.1 ts=00 epoch=0 age=2s',
    '0x55fc42670830: proto=sockpair src=unix:2 fe=GLOBAL be=<NONE> srv=<none> ts=00 epoch=0 age=0s',
  ].join('\n');
  assert.deepEqual(parseSessions(text), [
    { id: '0x55fc4255aa90', backend: 'dev:backend', server: 'r1.0.1' },
    { id: '0x55fc42670830', backend: '<NONE>', server: '<none>' },
  ]);
});
