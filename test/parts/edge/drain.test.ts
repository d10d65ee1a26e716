/** Drains on a real HAProxy: over all workers, bounded, and what is cut is counted. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sleep } from '../../../src/kit/wait.ts';
import { call, createAddresses, createBench, freePort, routeFor, signal, startApp, underLoad } from './bench.ts';

test('drain() waits for a slow request in the old worker after a reload', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t, { user: 'haproxy' });
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);

  const slow = call(`http://${route.address}:${port}/?ms=2500`);
  await sleep(200, signal);
  const more = routeFor({ service: 'other', address: address(2), port });
  assert.equal(await edge.routes([route, more], signal), true);
  assert.deepEqual(
    (await edge.servers(signal)).map(({ name, sessions }) => ({ name, sessions })),
    [{ name: 'r1.0.1', sessions: 1 }],
    'sessions() counts the old worker',
  );
  const began = performance.now();
  assert.deepEqual(await edge.drain(app.server, { limitMs: 10_000, signal }), { cut: 0 });
  assert.ok(performance.now() - began > 1000, 'the drain ended before the request did');
  assert.deepEqual(await slow, { status: 200, release: 'r1', body: 'r1' });
  await edge.remove(app.server, signal);
  const [traffic] = await edge.traffic(signal);
  assert.deepEqual({ served: traffic?.served, lost: traffic?.lost, unseen: traffic?.unseen }, { served: 1, lost: 0, unseen: 0 });
});

test('drain() closes what is open at its limit, in old workers too, and counts it', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t, { user: 'haproxy' });
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);

  const slow = [call(`http://${route.address}:${port}/?ms=9000`)];
  await sleep(100, signal);
  await edge.routes([route, routeFor({ service: 'other', address: address(2), port })], signal);
  slow.push(call(`http://${route.address}:${port}/?ms=9000`));
  await sleep(100, signal);
  const settled = Promise.allSettled(slow);
  assert.deepEqual(await edge.drain(app.server, { limitMs: 300, signal }), { cut: 2 });
  for (const result of await settled) assert.ok(result.status === 'rejected' || result.value.status === 502, JSON.stringify(result));
  await edge.remove(app.server, signal);
  assert.deepEqual(await edge.servers(signal), []);
  const traffic = await edge.traffic(signal);
  assert.equal(
    traffic.reduce((sum, { lost }) => sum + lost, 0),
    2,
  );
});

test('hold() keeps the requests of a stop-first service until the new server takes them', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t, { user: 'haproxy' });
  const port = await freePort();
  const route = routeFor({ address: address(1), port, stopFirst: true });
  await edge.routes([route], signal);
  await start();
  const old = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(old.server, signal);
  await edge.ready(old.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);

  const load = await underLoad(`http://${route.address}:${port}/`, 6, async () => {
    await sleep(300, signal);
    await edge.hold(route, signal);
    assert.deepEqual(await edge.drain(old.server, { limitMs: 3000, signal }), { cut: 0 });
    await old.stop();
    await edge.remove(old.server, signal);
    await sleep(800, signal);
    const next = await startApp(t, { name: 'r2.0.2', address: address(11), port, readyAfterMs: 300 });
    await edge.add(next.server, signal);
    await edge.ready(next.server, { timeoutMs: 5000, signal });
    await edge.weights(route, [{ name: 'r2.0.2', weight: 100 }], signal);
    await edge.unhold(route, signal);
    await sleep(1500, signal); // what waited tries once a second
  });
  assert.deepEqual(load.failures, []);
  assert.ok((load.releases.get('r1') ?? 0) > 50 && (load.releases.get('r2') ?? 0) > 50, JSON.stringify([...load.releases]));
  const traffic = await edge.traffic(signal);
  assert.deepEqual(
    Object.fromEntries(traffic.map(({ release, served, lost, unseen }) => [release, { served, lost, unseen }])),
    Object.fromEntries([...load.releases].map(([release, served]) => [release, { served, lost: 0, unseen: 0 }])),
  );
});
