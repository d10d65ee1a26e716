import assert from 'node:assert/strict';
import { test } from 'node:test';

import { type Status, UNWATCHED } from '../contract/status.ts';
import { statusLines } from './status-lines.ts';

type Environment = Status['environments'][number];
type Service = Environment['services'][number];
type Replica = Service['replicas'][number];

const NOON = '2026-11-23T12:00:00.000Z';
const LATER = Date.parse('2026-11-23T12:01:00.000Z');

function replica(more: Partial<Replica> = {}): Replica {
  return {
    name: 'r2.1.7',
    release: 'r2',
    digest: `sha256:${'0'.repeat(64)}`,
    running: 'r2',
    answering: 'r2',
    verdict: 'up',
    detail: null,
    ...more,
  };
}

function service(more: Partial<Service> = {}): Service {
  return {
    name: 'web',
    release: 'r2',
    commit: null,
    digest: null,
    answering: 'r2',
    verdict: 'up',
    ...UNWATCHED,
    since: NOON,
    replicas: [replica()],
    coming: [],
    ...more,
  };
}

function environment(services: readonly Service[], more: Partial<Environment> = {}): Environment {
  const url = 'http://192.168.178.100:30010';
  return { name: 'prod', url, release: 'r2', verdict: 'up', hold: null, rollout: null, services: [...services], ...more };
}

function lines(status: Partial<Status>, columns = 80): string[] {
  const whole = { app: 'shop', at: NOON, approvals: [], environments: [], monitors: [], parts: [], incidents: [], notices: [], ...status };
  return statusLines(whole, { paint: (_, text) => text, now: LATER, columns, typed: (line) => `antler ${line}` });
}

const DRIFT = service({
  answering: 'r1',
  verdict: 'drift',
  reason: 'r1 answers, r2 is wanted',
  replicas: [replica({ answering: null, verdict: 'down', detail: 'refused' })],
});

test('statusLines shows the three truths, how well it is, since when and why, with what to type', () => {
  const approvals = [{ id: 'a1', environment: 'prod', release: 'r2', run: null, since: NOON }];
  assert.deepEqual(lines({ approvals, environments: [environment([DRIFT])] }), [
    'shop  asked at 12:00:00 UTC',
    '',
    '       WANTED  RUNNING  ANSWERING  STATE    SINCE  UP',
    'prod  http://192.168.178.100:30010',
    '  web  r2      r2       r1         ● drift  1 min  0/1',
    '    └ r1 answers, r2 is wanted',
    '    └ r2.1.7: refused',
    '',
    '◷ prod waits for an approval of r2 since 1 min ago: antler approve a1',
  ]);
});

const BUSY = service({
  requestsPerSecond: 14.2,
  errorRatio: 0.0123,
  latencyMs: { p50: 1.2, p95: 8.04, of: 'traffic' },
  uptime: { day: 0.99956, month: 1 },
});

test('statusLines: what was measured has columns where there is room, and none where nobody knows anything', () => {
  assert.deepEqual(lines({ environments: [environment([BUSY])] }, 100).slice(2), [
    '       WANTED  RUNNING  ANSWERING  STATE  SINCE  UP   LATENCY  REQ/S  ERRORS  UPTIME',
    'prod  http://192.168.178.100:30010',
    '  web  r2      r2       r2         ● up   1 min  1/1  8.0 ms   14     1.23 %  99.95 %',
  ]);
  assert.equal(lines({ environments: [environment([service()])] })[2], '       WANTED  RUNNING  ANSWERING  STATE  SINCE  UP');
});

test('statusLines: in 80 columns no row of the table is longer, and the state stays', () => {
  const long = { ...BUSY, name: 'recommendations', verdict: 'deploying' as const };
  const [head = '', , row = ''] = lines({ environments: [environment([long])] }, 80).slice(2);
  assert.ok(head.length <= 80 && row.length <= 80, `${head}\n${row}`);
  assert.match(row, /● deploying +1 min +1\/1 +8\.0 ms$/);
});

test('statusLines: what is being rolled out has lines of its own, and the old and the new release their own rates', () => {
  const rolled = service({
    release: 'r2',
    answering: 'r3',
    coming: [replica({ name: 'r3.1.9', release: 'r3', running: 'r3', answering: null, verdict: 'deploying', detail: 'refused' })],
    versions: [
      { release: 'none', requestsPerSecond: 0.1, errorRatio: 1, latencyMs: null },
      { release: 'r2', requestsPerSecond: 14.2, errorRatio: 0, latencyMs: { p50: 1, p95: 8.04 } },
      { release: 'r3', requestsPerSecond: 1.61, errorRatio: 0.0423, latencyMs: null },
    ],
  });
  assert.deepEqual(lines({ environments: [environment([rolled])] }).slice(2), [
    '       WANTED  RUNNING  ANSWERING  STATE  SINCE  UP',
    'prod  http://192.168.178.100:30010',
    '  web  r2      r2 r3    r3         ● up   1 min  1/1',
    '    ├ r3.1.9 is coming: deploying, refused',
    '    ├ r2: 14 req/s, no errors, p95 8.0 ms',
    '    └ r3: 1.6 req/s, 4.23 % errors',
  ]);
  const alone = service({ versions: [{ release: 'r2', requestsPerSecond: 1, errorRatio: 0, latencyMs: null }] });
  assert.equal(lines({ environments: [environment([alone])] }).length, 5, 'one release has its row');
});

test('statusLines: what is said of a replica is not said again of its service', () => {
  const replicas = [replica({ verdict: 'down', detail: 'restarting' })];
  const said = lines({ environments: [environment([service({ verdict: 'degraded', reason: 'r2.1.7: restarting', replicas })])] });
  assert.deepEqual(said.slice(5), ['    └ r2.1.7: restarting']);
});

test('statusLines: a rollout, a hold, monitors, parts that are unwell, incidents and notices', () => {
  const watched = { kind: 'http', verdict: 'up', since: NOON, detail: 'answers 200', latencyMs: 40 } as const;
  const said = lines({
    environments: [
      environment([], {
        hold: { reason: 'rolled back', since: NOON, by: 'ann' },
        rollout: { release: 'r3', from: 'r2', kind: 'deploy', phase: 'shift', step: 'prod: shift 10 %', since: NOON },
      }),
    ],
    monitors: [
      { ...watched, name: 'shop' },
      { ...watched, name: 'mail', kind: 'tcp', verdict: 'down', detail: 'refused', latencyMs: null },
    ],
    parts: [
      { ...watched, name: 'edge', kind: 'part' },
      { ...watched, name: 'registry', kind: 'part', verdict: 'down', detail: 'does not answer' },
    ],
    incidents: [{ id: 3, title: 'prod/web is down', severity: 'down', since: NOON, acknowledged: true }],
    notices: ['history is not being written: the disk is full'],
  });
  assert.deepEqual(said.slice(3), [
    'prod  http://192.168.178.100:30010',
    '  on hold since 1 min ago by ann: rolled back',
    '  antler hold prod --lift',
    '  ▸ deploy to r3 from r2, since 1 min: shift 10 %',
    'outside',
    '  shop  http  ● up    1 min  40 ms',
    '  mail  tcp   ● down  1 min  –      refused',
    'antler',
    '  the registry is down since 1 min: does not answer',
    '',
    '! prod/web is down since 1 min, acknowledged',
    '',
    '! history is not being written: the disk is full',
  ]);
});
