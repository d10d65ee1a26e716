/** What the monitor says of services that break in every way that we know, and of its own faults. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import type { Wanted } from '../../../src/monitor/monitor.ts';
import { backend, container, scene, wanted, well } from './fixture.ts';

test('monitor: a backend that is killed is down after three looks, and up after two when it is back', async (t) => {
  const web = await backend(t);
  const { look, verdict, transitions } = scene(t, wanted(web));
  await look();
  assert.equal(verdict(), 'up');
  await web.kill();
  await look(2);
  assert.equal(verdict(), 'up');
  await look();
  assert.equal(verdict(), 'down: through the edge: refused');
  await web.revive();
  await look();
  assert.equal(verdict(), 'down: through the edge: refused');
  await look();
  assert.equal(verdict(), 'up');
  const told = transitions.filter(({ service }) => service === 'web').map(({ from, to }) => `${from} ${to}`);
  assert.deepEqual(told, ['unknown up', 'up down', 'down up']);
});

test('monitor: a backend that hangs is down, and holds nobody up', async (t) => {
  const web = await backend(t);
  const { look, verdict } = scene(t, wanted(web));
  await look();
  web.answer(() => undefined);
  const began = performance.now();
  await look(3);
  assert.equal(verdict(), 'down: through the edge: no answer in 300 ms');
  assert.ok(performance.now() - began < 2500);
});

test('monitor: a backend that answers 500 is down, with the first KB of what it said', async (t) => {
  const web = await backend(t, (_request, response) => response.writeHead(500).end('x'.repeat(5000)));
  const { look, verdict, transitions } = scene(t, wanted(web));
  await look(3);
  assert.equal(verdict(), 'down: through the edge: answers 500');
  assert.equal(transitions.find(({ to }) => to === 'down')?.evidence, 'x'.repeat(1024));
});

test('monitor: a backend that is slow is degraded', async (t) => {
  const web = await backend(t, (request, response) => void setTimeout(() => well(request, response), 200));
  const { look, verdict } = scene(t, wanted(web));
  await look(3);
  assert.match(verdict(), /^degraded: through the edge: slow: 2\d\d ms$/);
});

test('monitor: another release that answers, runs, or is made of another image is drift at once', async (t) => {
  const web = await backend(t);
  let runs = container();
  const { look, verdict } = scene(t, wanted(web), { containers: async () => [runs] });
  await look();
  assert.equal(verdict(), 'up');
  web.answer((_request, response) => response.setHeader('x-release', 'r1').end());
  await look();
  assert.equal(verdict(), 'drift: r1 answers, r2 is wanted');
  web.answer(well);
  runs = container('r1');
  await look();
  assert.equal(verdict(), 'drift: r2.1.7 runs r1');
  runs = container('r2', { image: `127.0.0.1:1/shop/web@sha256:${'b'.repeat(64)}` });
  await look();
  assert.equal(verdict(), 'drift: r2.1.7 runs another image than r2');
});

test('monitor: a replica that is being restarted is seen at once, and a crash loop is an outage at once', async (t) => {
  const web = await backend(t);
  let kept = { kind: 'running', detail: 'running' } as { readonly kind: 'running' | 'restarting' | 'crash-loop'; readonly detail: string };
  const { monitor, look, verdict } = scene(t, wanted(web), { keeper: () => kept });
  await look();
  kept = { kind: 'restarting', detail: 'restarting, last ended with 137 (oom)' };
  monitor.poke('web-1');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(verdict(), 'degraded: r2.1.7: restarting, last ended with 137 (oom)');
  kept = { kind: 'crash-loop', detail: 'crash loop' };
  monitor.poke('web-1');
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(verdict(), 'down: r2.1.7: crash loop');
});

test('monitor: a database that cannot be read changes nothing: what was known is watched on', async (t) => {
  const web = await backend(t);
  const what = wanted(web);
  let readable = true;
  const { look, verdict } = scene(t, () => {
    if (!readable) throw new Error('attempt to read a database that is not there');
    return what;
  });
  await look();
  readable = false;
  await look(5);
  assert.equal(verdict(), 'up');
  await web.kill();
  await look(3);
  assert.equal(verdict(), 'down: through the edge: refused');
});

test('monitor: a clock that jumps an hour, there and back, takes nothing down', async (t) => {
  const web = await backend(t);
  let jump = 0;
  const { look, verdict, transitions } = scene(t, wanted(web), { clock: { now: () => Date.now() + jump } });
  await look(2);
  jump = 3_600_000;
  await look(2);
  jump = -3_600_000;
  await look(2);
  assert.equal(verdict(), 'up');
  assert.deepEqual(
    transitions.filter(({ service, to }) => service === 'web' && to !== 'up'),
    [],
  );
});

for (const jump of [3_600_000, -3_600_000]) {
  const set = jump > 0 ? 'an hour forward' : 'an hour back';

  test(`monitor: a clock that is set ${set} in an outage neither hastens nor holds up its verdict, and its end`, async (t) => {
    const web = await backend(t);
    let wall = 0;
    const { monitor, look, verdict, transitions } = scene(t, wanted(web), { clock: { now: () => Date.now() + wall } });
    await look();
    await web.kill();
    await look();
    wall = jump;
    await look();
    assert.equal(verdict(), 'up');
    await look();
    assert.equal(verdict(), 'down: through the edge: refused');
    const { steady, services } = monitor.seen();
    assert.ok(steady - (services[0]?.steadySince ?? 0) < 5000, 'it has been so for a moment');
    wall = 0;
    await web.revive();
    await look(2);
    assert.equal(verdict(), 'up');
    const told = transitions.filter(({ service }) => service === 'web').map(({ to }) => to);
    assert.deepEqual(told.slice(1), ['down', 'up']);
  });
}

test('monitor: an engine that does not answer is down when it was needed, and no service falls with it', async (t) => {
  const web = await backend(t);
  let broken = false;
  const { monitor, look, verdict } = scene(t, wanted(web), {
    containers: async () => (broken ? Promise.reject(new Error('nobody listens')) : [container()]),
  });
  await look();
  const engine = () => monitor.seen().parts.find(({ part }) => part === 'engine');
  assert.equal(engine()?.verdict, 'up');
  broken = true;
  await look(4);
  assert.deepEqual([engine()?.verdict, engine()?.reason, verdict()], ['down', 'does not answer', 'up']);
  broken = false;
  await look(3);
  assert.equal(engine()?.verdict, 'up');
});

/** Answers in a thread of its own: our stall is not its. */
const ELSEWHERE = `
  const { createServer } = require('node:http');
  const { parentPort, workerData } = require('node:worker_threads');
  const server = createServer((request, response) => workerData === 'hang' ? undefined : response.setHeader('x-release', 'r2').end());
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

for (const [how, allowed] of [
  ['answer', ['good', 'late']],
  ['hang', ['own']],
] as const) {
  test(`monitor: a loop of ours that stands still takes nothing down: the other side would ${how}`, async (t) => {
    const worker = new Worker(ELSEWHERE, { eval: true, workerData: how });
    t.after(async () => worker.terminate());
    const port = await new Promise<number>((resolve) => void worker.once('message', resolve));
    const what: Wanted = wanted({ port } as Parameters<typeof wanted>[0]);
    const { look, samples } = scene(t, what);
    const looking = look();
    await new Promise((resolve) => void setTimeout(resolve, 50));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1500);
    await looking;
    const outcomes = samples.filter(({ target }) => target.probe.kind === 'http').map(({ outcome }) => outcome);
    assert.ok(outcomes.length > 0 && outcomes.every((outcome) => (allowed as readonly string[]).includes(outcome)), outcomes.join());
  });
}
