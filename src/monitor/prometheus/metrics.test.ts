/** metricsText: names, labels, the twelve buckets, and no more than five versions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NOW, sampleInput } from './fixtures.ts';
import { metricsText, type MetricsInput } from './metrics.ts';

const past = (numbers: readonly number[], ago: number): MetricsInput['versions'] =>
  numbers.map((number) => ({ environment: 'prod', release: `r${number}`, commit: 'abc', desired: false, until: NOW - ago }));

function linesOf(text: string, name: string): readonly string[] {
  return text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'));
}

test('metricsText: every family has its help and type, once', () => {
  const text = metricsText(sampleInput());
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
  assert.deepEqual(types, [
    'app_info gauge',
    'app_deploy_timestamp_seconds gauge',
    'probe_success gauge',
    'probe_duration_seconds gauge',
    'probe_state gauge',
    'probe_cert_expiry_timestamp_seconds gauge',
    'http_requests_total counter',
    'http_request_duration_seconds histogram',
    'slo_error_budget_remaining_ratio gauge',
    'slo_burn_rate gauge',
    'rollback_total counter',
    'monitor_loop_lag_seconds gauge',
    'monitor_db_bytes gauge',
    'monitor_write_bytes_total counter',
  ]);
  assert.equal(text.match(/^# HELP /gm)?.length, types.length);
});

test('metricsText: labels are those that dashboards join on; one without a value is left out; text is escaped', () => {
  const text = metricsText({ ...sampleInput(), app: 'a"b\\c\nd' });
  assert.deepEqual(linesOf(text, 'app_info')[0], 'app_info{app="a\\"b\\\\c\\nd",env="prod",version="r9",commit="abc",desired="true"} 1');
  const good = metricsText(sampleInput());
  assert.ok(
    good.includes('probe_success{app="moose",env="prod",service="backend",version="r9",instance="r9.1.4",check="direct"} 1\n'),
    good,
  );
  assert.ok(good.includes('probe_success{app="moose",service="shop",check="http"} 0\n'));
  assert.ok(good.includes('probe_state{app="moose",env="prod",service="backend",version="r9",state="up"} 1\n'));
  assert.ok(good.includes('probe_cert_expiry_timestamp_seconds{app="moose",host="example.org"} 1800000000\n'));
});

test('metricsText: what is left of the budget is that of its whole window', () => {
  const text = metricsText(sampleInput());
  const labels = 'app="moose",env="prod",service="backend",slo="availability"';
  assert.deepEqual(linesOf(text, 'slo_'), [
    `slo_error_budget_remaining_ratio{${labels},window="30d"} 0.75`,
    `slo_burn_rate{${labels},window="1h"} 14.4`,
    `slo_burn_rate{${labels},window="30d"} 0.25`,
  ]);
});

test('metricsText: a look whose fault is our own says neither good nor bad', () => {
  const input = sampleInput();
  const own = input.targets.map((state) => ({
    ...state,
    last: state.last === undefined ? undefined : { ...state.last, outcome: 'own' as const },
  }));
  assert.deepEqual(linesOf(metricsText({ ...input, targets: own }), 'probe_success'), []);
});

test('metricsText: requests are counted by version and class, durations in twelve buckets that grow', () => {
  const text = metricsText(sampleInput());
  assert.deepEqual(
    linesOf(text, 'http_requests_total{app="moose",env="prod",service="backend",version="r9"'),
    [95, 5, 2].map(
      (value, at) =>
        `http_requests_total{app="moose",env="prod",service="backend",version="r9",code="${['non-5xx', '5xx', 'lost'][at] ?? ''}"} ${value}`,
    ),
  );
  const buckets = linesOf(text, 'http_request_duration_seconds_bucket{app="moose",env="prod",service="backend",version="r9"').map((line) =>
    Number(line.split(' ').at(-1)),
  );
  assert.equal(buckets.length, 12);
  assert.deepEqual(
    buckets,
    buckets.toSorted((a, b) => a - b),
  );
  assert.equal(buckets.at(-1), 100);
  assert.equal(buckets[0], 60, '60 requests took 1 ms');
});

test('metricsText: what took exactly as long as a bucket’s limit is in that bucket', () => {
  const input = sampleInput();
  const latency = Array.from({ length: 6 }, (_, bucket) => (bucket === 5 ? 1 : 0)); // 5 ms
  const text = metricsText({ ...input, traffic: input.traffic.map((each) => ({ ...each, latency })) });
  assert.match(linesOf(text, 'http_request_duration_seconds_bucket')[0] ?? '', /le="0\.005"\} 1$/);
  assert.match(linesOf(text, 'http_request_duration_seconds_sum')[0] ?? '', / 0\.0045$/);
});

test('metricsText: the last five versions of an environment, what shall run there, and `none`', () => {
  const input = sampleInput();
  const traffic = Array.from({ length: 9 }, (_, at) => ({ ...input.traffic[0], release: `r${at + 1}` }) as (typeof input.traffic)[0]);
  const text = metricsText({
    ...input,
    versions: [{ environment: 'prod', release: 'r2', commit: 'abc', desired: true }, ...past([1, 3, 4, 5, 6, 7, 8, 9], 60_000)],
    traffic: [...traffic, { ...traffic[0], release: 'none' } as (typeof input.traffic)[0]],
  });
  const versions = new Set(linesOf(text, 'http_requests_total').map((line) => /version="(\w+)"/.exec(line)?.[1]));
  assert.deepEqual([...versions].map(String).toSorted(), ['none', 'r2', 'r5', 'r6', 'r7', 'r8', 'r9']);
});

test('metricsText: a version that is gone for a day is shown no more, what is coming is, however many there are', () => {
  const input = sampleInput();
  const traffic = Array.from({ length: 9 }, (_, at) => ({ ...input.traffic[0], release: `r${at + 1}` }) as (typeof input.traffic)[0]);
  const day = 24 * 60 * 60_000;
  const coming = { environment: 'prod', release: 'r1', commit: 'abc', desired: false }; // a rollback: older than all
  const versions = [...input.versions.slice(0, 1), coming, ...past([8], day - 1), ...past([7], day), ...past([6], 9 * day)];
  const text = metricsText({ ...input, versions, traffic });
  for (const name of ['http_requests_total', 'app_info']) {
    const shown = new Set(linesOf(text, name).map((line) => /version="(\w+)"/.exec(line)?.[1]));
    assert.deepEqual([...shown].map(String).toSorted(), ['r1', 'r8', 'r9'], name);
  }
});

test('metricsText: a service that no rollout had to change is shown, however old its version is', () => {
  const input = sampleInput();
  const [target] = input.targets;
  assert.ok(target);
  const unchanged = { ...target, target: { ...target.target, id: { ...target.target.id, service: 'frontend', release: 'r1' } } };
  const traffic = Array.from({ length: 9 }, (_, at) => ({ ...input.traffic[0], release: `r${at + 1}` }) as (typeof input.traffic)[0]);
  const versions9 = [...input.versions, ...past([1, 2, 3, 4, 5, 6, 7], 60_000)];
  const text = metricsText({ ...input, versions: versions9, targets: [...input.targets, unchanged], traffic });
  const versions = new Set(linesOf(text, 'http_requests_total').map((line) => /version="(\w+)"/.exec(line)?.[1]));
  assert.deepEqual([...versions].map(String).toSorted(), ['r1', 'r5', 'r6', 'r7', 'r8', 'r9']);
  assert.equal(linesOf(text, 'probe_success').filter((line) => line.includes('version="r1"')).length, 1);
});
