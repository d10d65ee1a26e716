/** Telling people, and looking: twenty channels that hang and try again beside the real ticker, and no look that comes late for it. */

import assert from 'node:assert/strict';
import { createServer, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import { createAlerts } from '../../../src/monitor/monitor.ts';
import { backend, scene } from './fixture.ts';

const SECOND = 1000;
const INTERVAL = 2 * SECOND;
const TURNS = 3;
const signal = AbortSignal.timeout(60_000);
const ALERT = {
  state: 'open',
  severity: 'down',
  title: 'down',
  environment: 'prod',
  release: 'r1',
  reason: '',
  subjects: [],
  since: 0,
} as const;

test('monitor: beside twenty channels that hang and try again each target is looked at in its interval, and well', async (t) => {
  const web = await backend(t, (_request, response) => response.end('ok'));
  const url = `http://127.0.0.1:${web.port}/`;
  const http = {
    kind: 'http',
    url,
    status: [[200, 399]],
    headers: {},
    lateMs: INTERVAL,
    intervalMs: INTERVAL,
    timeoutMs: INTERVAL,
  } as const;
  const monitors = Array.from({ length: 60 }, (_, index) => ({ ...http, name: `m${index}` }));
  const over = new AbortController();
  t.after(() => over.abort());
  const { monitor, samples } = scene(t, { services: [], rollouts: [], monitors }, { signal: over.signal });
  const channels = await hanging(t);
  const running = monitor.run();
  await poll(() => (samples.length >= monitors.length ? true : undefined), { signal, timeoutMs: 10_000, what: 'first looks' });
  channels.tell();
  const [from, tries] = [Date.now(), channels.tries()];
  await poll(() => (Date.now() - from >= TURNS * INTERVAL ? true : undefined), { signal, what: 'three intervals' });
  over.abort();
  await running;

  assert.ok(channels.tries() - tries > 20, `only ${channels.tries() - tries} tries: nothing was beside it`);
  for (const { name } of monitors) {
    const looks = samples.filter(({ target }) => target.id.service === name).map(({ at, outcome }) => ({ at, outcome }));
    const gaps = looks.slice(1).map(({ at }, index) => at - (looks[index]?.at ?? 0));
    assert.deepEqual(
      looks.filter(({ outcome }) => outcome !== 'good'),
      [],
      name,
    );
    assert.ok(looks.filter(({ at }) => at >= from).length >= TURNS - 1, `${name}: ${looks.length} looks`);
    assert.ok(Math.max(...gaps) <= INTERVAL + SECOND, `${name}: ${gaps.join(', ')} ms between looks`);
  }
});

/** Fifteen hooks that never answer and five commands that never end, each of them told again and again. */
async function hanging(t: TestContext): Promise<{ tell(): void; tries(): number }> {
  const deaf = createServer((socket) => void socket.on('error', () => undefined));
  await new Promise<void>((listening) => void deaf.listen(0, '127.0.0.1', listening));
  t.after(() => deaf.close());
  const url = `http://127.0.0.1:${(deaf.address() as AddressInfo).port}/`;
  const named = <T>(count: number, kind: string, more: T) =>
    Array.from({ length: count }, (_, index) => ({ name: `${kind}${index}`, ...more }));
  const watch = { webhooks: named(15, 'hook', { url, headers: {} }), commands: named(5, 'command', { argv: ['/bin/sleep', '60'] }) };
  const waitsMs = Array.from({ length: 1000 }, () => 50);
  const alerts = createAlerts({
    watch: () => watch,
    secret: async () => undefined,
    urlOf: () => '',
    waitsMs,
    webhookLimitMs: 400,
    commandLimitMs: 1000,
  });
  t.after(() => alerts[Symbol.dispose]());
  let tries = 0;
  return {
    tries: () => tries,
    tell() {
      for (let id = 1; id <= 5; id++) alerts.tell({ ...ALERT, id }, { onTold: () => (tries += 1) });
    },
  };
}
