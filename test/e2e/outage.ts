/** A service that hangs: an incident, an alert, over a restart of the daemon, and the end of both; and what Prometheus is shown meanwhile. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { createClient } from '../../src/cli/client.ts';
import type { Incident, IncidentWithTimeline, NotifyResult } from '../../src/contract/watch.ts';
import { exec } from '../../src/kit/exec.ts';
import { CONFIG } from '../kit/sample.ts';
import { kill, pidsOf, podman } from '../kit/machine.ts';
import { file, it } from './shared.ts';

/** Called within this, wherever in its round the monitor was. */
const LIMIT_MS = 26_000;

interface Heard {
  readonly at: number;
  readonly state: string;
  readonly title: string;
  readonly id: number;
}

test('an outage of a service: incident and alert within 26 s, one of each over a restart of the daemon, closed by itself', async (t) => {
  const alerts = await listen(t);
  const tested = await it.antler(['notify', 'test', '--json']);
  assert.equal(tested.code, 1, 'one of them fails');
  assert.deepEqual(
    (JSON.parse(tested.stdout) as NotifyResult).results.map(({ channel, detail }) => [channel, detail]),
    [
      ['hook', 'answers 200'],
      ['no', 'ended with 1'],
    ],
  );
  alerts.length = 0;
  const before = (await it.json<{ incidents: Incident[] }>(['incidents'])).incidents.length;
  const release = (await it.service('dev', 'backend'))?.release ?? assert.fail('dev has no release');

  const [backend = ''] = (
    await podman(it, 'ps', '--filter', 'label=antler.environment=dev', '--filter', 'label=antler.service=backend', '--format', '{{.Names}}')
  )
    .trim()
    .split('\n');
  const began = performance.now();
  await podman(it, 'pause', backend);
  t.after(async () => podman(it, 'unpause', backend).catch(() => undefined));
  await it.until(async () => alerts.length > 0, 'the alert');
  t.diagnostic(`told after ${Math.round((alerts[0]?.at ?? 0) - began)} ms`);
  assert.ok((alerts[0]?.at ?? 0) - began < LIMIT_MS, `told after ${(alerts[0]?.at ?? 0) - began} ms`);
  const { incidents } = await it.json<{ incidents: Incident[] }>(['incidents', '--open']);
  const [open] = incidents;
  assert.deepEqual([incidents.length, open?.environment, open?.release], [1, 'dev', release]);
  const id = String(open?.id);
  await it.antler(['incidents', 'note', id, 'it is', 'paused']);
  await it.antler(['incidents', 'ack', id]);

  for (const pid of await pidsOf(it.home, 'src/daemon.ts')) kill(pid);
  await it.until(async () => (await it.status()).app === 'moose-facts', 'the daemon');
  await podman(it, 'unpause', backend);
  const one = async (): Promise<IncidentWithTimeline> =>
    createClient({ home: it.home }).call('incident', { params: { id } }, AbortSignal.timeout(30_000));
  await it.until(async () => (await one()).closedAt !== null, 'its end');
  await it.until(async () => alerts.some(({ state }) => state === 'closed'), 'the news of its end');
  const { timeline, acknowledged } = await one();
  const lines = timeline.map(({ kind, text: said }) => `${kind} ${said}`).join('\n');
  assert.match(lines, new RegExp(`opened dev/backend \\(${release}\\) is down: `), lines);
  assert.match(lines, /notified hook: open, answers 200[^]*note it is paused[^]*acknowledged[^]*closed well again after/, lines);
  assert.ok(acknowledged !== null);
  const ours = alerts.filter((each) => each.id === open?.id).map(({ state }) => state);
  assert.deepEqual(ours, ['open', 'closed'], lines);
  assert.equal((await it.json<{ incidents: Incident[] }>(['incidents'])).incidents.length, before + 1);
});

test('GET /metrics: promtool has nothing to say, and requests are counted by version', async () => {
  const { signal } = new AbortController();
  const scrape = async (): Promise<string> =>
    (await exec(['curl', '-sS', '--fail', '--unix-socket', `${it.home}/run/api.sock`, 'http://antler/metrics'], { signal })).stdout;
  const first = await scrape();
  assert.deepEqual((await exec(['promtool', 'check', 'metrics'], { input: first, signal })).stderr, '');
  const release = (await it.service('dev', 'frontend'))?.release ?? '';
  const counted = (metrics: string): number =>
    Number(
      new RegExp(
        `^http_requests_total\\{app="moose-facts",env="dev",service="frontend",version="${release}",code="non-5xx"\\} (\\d+)$`,
        'm',
      ).exec(metrics)?.[1] ?? 0,
    );
  for (let request = 0; request < 5; request++) await fetch(`http://127.0.0.1:${it.port(30008)}/`);
  await it.until(async () => counted(await scrape()) >= counted(first) + 5, 'the requests');
  // One release is desired in an environment, for dashboards that join on it; a service that it did not have to change runs an older one.
  const wanted = (await it.status()).environments.find(({ name }) => name === 'dev')?.release ?? '';
  for (const version of new Set([wanted, release])) {
    const line = `^app_info\\{app="moose-facts",env="dev",version="${version}",commit="\\S+",desired="${String(version === wanted)}"\\} 1$`;
    assert.match(first, new RegExp(line, 'm'));
  }
  assert.match(first, /^probe_state\{app="moose-facts",env="dev",service="backend",version="r\d+",state="up"\} 1$/m);
});

/** What a webhook hears from now on, by the sample's config with `alerts`. */
async function listen(t: TestContext): Promise<Heard[]> {
  const alerts: Heard[] = [];
  const hook = createServer((request, response) => {
    void text(request).then((body) => alerts.push({ ...(JSON.parse(body) as Omit<Heard, 'at'>), at: performance.now() }));
    response.end();
  });
  await new Promise<void>((listening) => void hook.listen(0, '127.0.0.1', listening));
  t.after(() => hook.close());
  const { port } = hook.address() as AddressInfo;
  const section = `alerts: { webhooks: { hook: { url: 'http://127.0.0.1:${port}/' } }, commands: { no: ['/bin/false'] } },`;
  writeFileSync(file('antler.config.ts'), CONFIG.replace("app: 'moose-facts',", `app: 'moose-facts', ${section}`));
  t.after(() => writeFileSync(file('antler.config.ts'), CONFIG));
  await it.json(['build']); // takes the config over; nothing else has changed
  return alerts;
}
