/** What the monitor says of services that break in every way that we know, and of its own faults. */

import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';

import type { Wanted } from '../../../src/monitor/monitor.ts';
import { poll } from '../../../src/kit/wait.ts';
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

const answers = (release: string) => (_request: unknown, response: ServerResponse) => response.setHeader('x-release', release).end();
const WAITING = { everyMs: 20, timeoutMs: 10_000, what: 'the container', signal: new AbortController().signal };
const AT_WORK = { rollouts: [{ environment: 'prod', startedAt: 0 }] };

test('monitor: a rollout hides its own two releases until its service is well, never an outage', async (t) => {
  const web = await backend(t, answers('r3'));
  let now = wanted(web, web, { ...AT_WORK, coming: web });
  const { look, verdict } = scene(t, () => now);
  await look();
  assert.equal(verdict(), 'up'); // what is coming has its share
  await web.kill();
  await look(3);
  assert.equal(verdict(), 'down: through the edge: refused');
  await web.revive();
  await look(2);
  now = wanted(web, web, AT_WORK); // it has been abandoned
  await look();
  assert.equal(verdict(), 'deploying: r3 answers, r2 is wanted');
  now = wanted(web);
  await look();
  assert.equal(verdict(), 'deploying: r3 answers, r2 is wanted'); // it is over, and not well yet
  web.answer(well);
  await look();
  assert.equal(verdict(), 'up');
  web.answer(answers('r3'));
  await look();
  assert.equal(verdict(), 'drift: r3 answers, r2 is wanted');
});

test('monitor: a rollout that bakes for 20 hours hides its own two releases all that time, and no third one', async (t) => {
  const web = await backend(t);
  let later = 0;
  const what = wanted(web, web, { ...AT_WORK, coming: web });
  const { look, verdict, transitions } = scene(t, what, { clock: { now: () => Date.now() + later } });
  await look();
  const before = transitions.length;
  for (const release of ['r3', 'r2', 'r3', 'r2', 'r3']) {
    web.answer(answers(release));
    await look();
    assert.equal(verdict(), 'up', `${release} after ${later} ms`);
    later += 5 * 3_600_000;
  }
  assert.equal(transitions.length, before, 'whose turn it is to answer is no news');
  web.answer(answers('r7'));
  await look();
  assert.equal(verdict(), 'drift: r7 answers, r2 is wanted');
});

test('monitor: a release that is being rolled out is watched before it answers, and takes nothing down however long it starts', async (t) => {
  const [old, fresh] = [await backend(t), await backend(t, answers('r3'))];
  await fresh.kill();
  let now = wanted(old, old, { ...AT_WORK, coming: fresh });
  const { monitor, look, verdict, transitions, samples } = scene(t, () => now);
  const direct = () => monitor.targets().find(({ target }) => target.key === 'prod/web/r3/r3.1.9/direct');
  await look(8);
  assert.equal(verdict(), 'deploying: r3.1.9 is being started: refused');
  assert.deepEqual([direct()?.verdict, direct()?.last?.detail], ['unknown', 'refused']);
  const recorded = () => samples.filter(({ target }) => target.id.release === 'r3' && target.id.check === 'direct');
  assert.deepEqual(recorded(), [], 'a start is no failure in the history');
  old.answer(answers('r3')); // the edge leads there, our own look has seen nothing of it yet
  now = wanted(old, fresh, { ...AT_WORK, release: 'r3' });
  await look(2);
  assert.equal(verdict(), 'up');
  await fresh.revive();
  await look();
  assert.equal(direct()?.verdict, 'up');
  assert.equal(recorded().at(-1)?.outcome, 'good');
  assert.deepEqual(
    transitions.filter(({ service }) => service === 'web').map(({ to }) => to),
    ['deploying', 'up'],
  );
});

test('monitor: the replicas of an abandoned rollout are gone with it, and nothing was wrong', async (t) => {
  const [old, fresh] = [await backend(t), await backend(t, (_request, response) => response.writeHead(500).end())];
  let now = wanted(old, old, { ...AT_WORK, coming: fresh });
  const { monitor, look, verdict, transitions } = scene(t, () => now);
  await look(6);
  assert.equal(verdict(), 'deploying: r3.1.9 is being started: answers 500');
  now = wanted(old);
  await look();
  assert.equal(verdict(), 'up');
  assert.ok(monitor.targets().every(({ target }) => target.id.release !== 'r3'));
  assert.deepEqual(
    transitions.filter(({ service }) => service === 'web').map(({ to }) => to),
    ['deploying', 'up'],
  );
});

test('monitor: the container of what a rollout starts is asked for until it runs, as nobody tells', async (t) => {
  const web = await backend(t);
  let runs = [container()];
  const { monitor } = scene(t, wanted(web, web, { ...AT_WORK, coming: web }), { containers: async () => runs });
  void monitor.run();
  const state = () => monitor.targets().find(({ target }) => target.key === 'prod/web/r3/r3.1.9/container')?.verdict;
  await poll(() => state(), WAITING);
  assert.equal(state(), 'unknown');
  runs = [container(), container('r3', { name: 'web-2' })];
  await poll(() => (state() === 'up' ? true : undefined), WAITING);
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
