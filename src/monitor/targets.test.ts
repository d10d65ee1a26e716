import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { MonitorSpec } from '../config/types.ts';
import { isOutside, planTargets, type WantedService } from './targets.ts';
import type { Target } from './types.ts';
import { isUndecided, judge, newTally } from './verdict.ts';

const moment = (at: number) => ({ at, steady: at });
const place = { address: '10.9.1.1', port: 5000, path: '/healthz', timeoutMs: 2000 };
const replica = (number: number) => ({
  ...place,
  name: `r2.${number}.${number + 6}`,
  release: 'r2',
  digest: 'sha256:0',
  container: `antler-x-prod-web-r2-${number}-${number + 6}`,
  address: `10.9.101.1${number}`,
});
const SERVICE: WantedService = { environment: 'prod', service: 'web', release: 'r2', edge: place, replicas: [replica(1), replica(2)] };

test('planTargets(): what a rollout starts is watched directly and by its container, by its own release, and never through the edge', () => {
  const coming = { ...replica(3), name: 'r3.1.3', release: 'r3' };
  const targets = planTargets({ services: [{ ...SERVICE, replicas: [], coming: [coming] }], monitors: [] });
  const own = targets.filter((each) => each.coming === true);
  assert.deepEqual(
    own.map(({ key }) => key),
    ['prod/web/r3/r3.1.3/direct', 'prod/web/r3/r3.1.3/container'],
  );
  const serving = planTargets({ services: [{ ...SERVICE, release: 'r3', replicas: [coming] }], monitors: [] });
  assert.ok(
    own.every(({ key }) => serving.some((each) => each.key === key && each.coming === undefined)),
    'what is known of it stays when it serves',
  );
});

test('planTargets(): each service through its virtual address and at each replica’s own, each container, and Antler’s parts', () => {
  const targets = planTargets({ services: [SERVICE], monitors: [] });
  assert.deepEqual(
    targets.map(({ key }) => key),
    [
      'prod/web/r2//edge',
      'prod/web/r2/r2.1.7/direct',
      'prod/web/r2/r2.1.7/container',
      'prod/web/r2/r2.2.8/direct',
      'prod/web/r2/r2.2.8/container',
      '/antler///edge',
      '/antler///registry',
      '/antler///engine',
    ],
  );
  const urls = targets.flatMap(({ probe }) => (probe.kind === 'http' ? [`${probe.url} ${probe.tellsRelease}`] : []));
  assert.deepEqual(urls, [
    'http://10.9.1.1:5000/healthz true',
    'http://10.9.101.11:5000/healthz false',
    'http://10.9.101.12:5000/healthz false',
  ]);
  assert.ok(targets.every(({ id }) => !isOutside(id)));
});

/** Milliseconds from an outage that begins right after a good look until it is called, where each look takes so long to fail and every tick is a second late. */
function untilDown({ intervalMs }: Target, failsAfter: number): number {
  let tally = judge(newTally(moment(0)), { ...moment(0), outcome: 'good' });
  let at = intervalMs;
  for (;;) {
    tally = judge(tally, { ...moment(at + failsAfter), outcome: 'bad' });
    if (tally.verdict === 'down') return at + failsAfter;
    assert.ok(isUndecided(tally));
    at += Math.max(3000, failsAfter) + 1000;
  }
}

test('planTargets(): an outage is called within 26 s at worst, by a refused connection and by silence', () => {
  const [edge] = planTargets({ services: [SERVICE], monitors: [] });
  assert.ok(edge !== undefined);
  for (const lasts of [0, edge.timeoutMs]) assert.ok(untilDown(edge, lasts) <= 26_000, String(untilDown(edge, lasts)));
});

test('planTargets(): a service without an address yet is looked at directly only', () => {
  const targets = planTargets({ services: [{ ...SERVICE, edge: undefined, replicas: [replica(1)] }], monitors: [] });
  assert.deepEqual(
    targets.slice(0, 2).map(({ id }) => id.check),
    ['direct', 'container'],
  );
});

test('planTargets(): the config’s monitors, outside, each in its own time', () => {
  const base = { intervalMs: 60_000, timeoutMs: 5000 };
  const monitors: readonly MonitorSpec[] = [
    {
      ...base,
      name: 'shop',
      kind: 'http',
      url: 'https://x.example/h',
      status: [[200, 204]],
      headers: { a: 'b' },
      json: { '$.ok': 'true' },
      lateMs: 700,
    },
    { ...base, name: 'db', kind: 'tcp', host: 'db.example', port: 5432 },
    { ...base, name: 'cert', kind: 'tls', host: 'x.example', port: 443, days: 14 },
    { ...base, name: 'mx', kind: 'dns', host: 'x.example', type: 'MX', expect: 'mail.x.example' },
  ];
  const targets = planTargets({ services: [], monitors }).filter(({ id }) => isOutside(id));
  assert.deepEqual(
    targets.map(({ key, lateMs, timeoutMs, intervalMs }) => `${key} ${intervalMs} ${timeoutMs} ${lateMs}`),
    ['/shop///http 60000 5000 700', '/db///tcp 60000 5000 2500', '/cert///tls 60000 5000 2500', '/mx///dns 60000 5000 2500'],
  );
  assert.deepEqual(
    targets.map(({ probe }) => probe),
    [
      {
        kind: 'http',
        url: 'https://x.example/h',
        method: 'GET',
        headers: { a: 'b' },
        status: [[200, 204]],
        tellsRelease: false,
        json: { '$.ok': 'true' },
      },
      { kind: 'tcp', host: 'db.example', port: 5432 },
      { kind: 'tls', host: 'x.example', port: 443, servername: 'x.example', days: 14 },
      { kind: 'dns', name: 'x.example', type: 'MX', expect: 'mail.x.example' },
    ],
  );
});
