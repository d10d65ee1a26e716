/** HAProxy killed, daemon killed: what served serves again, and what nobody could see is said. */

import assert from 'node:assert/strict';
import { watch } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';

import { edgePaths } from '../../../src/edge/edge.ts';
import { createRuntime } from '../../../src/edge/runtime.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { call, createAddresses, createBench, freePort, routeFor, signal, startApp, underLoad } from './bench.ts';

test('a killed HAProxy serves the same again from its file, in the middle of a rollout too', async (t) => {
  const address = createAddresses();
  const { edge, folder, start, crash } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  const url = `http://${route.address}:${port}/`;
  await edge.routes([route], signal);
  await start();
  const old = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(old.server, signal);
  await edge.ready(old.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  assert.equal((await call(url)).release, 'r1');

  const next = await startApp(t, { name: 'r2.0.2', address: address(12), port, readyAfterMs: 1200 });
  await edge.add(next.server, signal);
  assert.doesNotMatch(await readFile(edgePaths(folder).file, 'utf8'), /r2\.0\.2/, 'a server that is not ready is not in the file');
  const ready = edge.ready(next.server, { timeoutMs: 10_000, signal });
  await crash();
  assert.equal(await edge.alive(signal), false);
  await start();
  assert.equal((await call(url)).release, 'r1');
  await ready; // added again by itself
  assert.match(await readFile(edgePaths(folder).file, 'utf8'), /server r2\.0\.2 \S+ .* weight 0$/m);
  await edge.weights(
    route,
    [
      { name: 'r1.0.1', weight: 0 },
      { name: 'r2.0.2', weight: 100 },
    ],
    signal,
  );
  assert.equal((await call(url)).release, 'r2');
  await crash();
  await start();
  assert.equal((await call(url)).release, 'r2');
  assert.deepEqual(
    (await edge.servers(signal)).map(({ name, weight }) => ({ name, weight })),
    [
      { name: 'r1.0.1', weight: 0 },
      { name: 'r2.0.2', weight: 100 },
    ],
  );
});

test('weights() and drain() are done again when HAProxy was killed between their command and the file: neither goes back', async (t) => {
  const address = createAddresses();
  const { edge, folder, start, crash } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  for (const number of [1, 2]) {
    const { server } = await startApp(t, { name: `r${number}.0.${number}`, address: address(10 + number), port });
    await edge.add(server, signal);
    await edge.ready(server, { timeoutMs: 5000, signal });
    await edge.weights(route, [{ name: server.name, weight: number === 1 ? 100 : 0 }], signal);
  }
  const old = { environment: 'dev', service: 'backend', name: 'r1.0.1' };
  const verbs = [
    async () =>
      edge.weights(
        route,
        [
          { name: 'r1.0.1', weight: 0 },
          { name: 'r2.0.2', weight: 100 },
        ],
        signal,
      ),
    async () => edge.drain(old, { limitMs: 3000, signal }),
  ];
  const seen: string[] = [];
  for (const verb of verbs) {
    // HAProxy's word on a new file is asked for in between: there it is killed, and another starts on the file of before.
    const before = await readFile(edgePaths(folder).file, 'utf8');
    const watcher = watch(folder);
    const killed = new Promise<void>((resolve, reject) => {
      watcher.on('change', (_event, name) => {
        if (name !== 'haproxy.cfg.candidate') return;
        watcher.close();
        void crash()
          .then(async () => writeFile(edgePaths(folder).file, before))
          .then(start)
          .then(resolve, reject);
      });
    });
    await Promise.all([verb(), killed]);
    seen.push((await edge.servers(signal)).map(({ name, weight, state }) => `${name} ${weight} ${state}`).join(', '));
  }
  assert.deepEqual(
    seen.map((each) => each.replace('starting', 'up')),
    ['r1.0.1 0 up, r2.0.2 100 up', 'r1.0.1 0 drain, r2.0.2 100 up'],
  );
  assert.doesNotMatch(await readFile(edgePaths(folder).file, 'utf8'), /server r1/);
});

test('reconcile() takes away what the file does not know and puts back what it does', async (t) => {
  const address = createAddresses();
  const { edge, folder, open, start } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const known = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(known.server, signal);
  await edge.ready(known.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  const stranger = await startApp(t, { name: 'r2.0.2', address: address(12), port });
  await edge.add(stranger.server, signal);
  const runtime = createRuntime(edgePaths(folder));
  await runtime.tell(['set server dev:backend/r1.0.1 state drain', 'set server dev:backend/r1.0.1 weight 7'], signal);
  await using again = await open(); // a daemon that was away knows only the file
  await again.reconcile(signal);
  assert.deepEqual(
    (await again.servers(signal)).map(({ name, weight, state }) => ({ name, weight, state })),
    [{ name: 'r1.0.1', weight: 100, state: 'up' }],
  );
});

test('traffic() of the next daemon goes on where the dead one was: no request twice, none left out', async (t) => {
  const address = createAddresses();
  const { edge, open, start } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  const url = `http://${route.address}:${port}/`;
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  for (let number = 0; number < 5; number++) await call(url);
  assert.deepEqual(
    (await edge.traffic(signal)).map(({ served, unseen }) => ({ served, unseen })),
    [{ served: 5, unseen: 0 }],
  );
  await edge[Symbol.asyncDispose]();
  for (let number = 0; number < 7; number++) await call(url);
  await using again = await open();
  assert.deepEqual(
    (await again.traffic(signal)).map(({ served, unseen, lost }) => ({ served, unseen, lost })),
    [{ served: 7, unseen: 0, lost: 0 }],
  );
});

test('traffic() says `unseen` for what the ring dropped while no daemon read it', async (t) => {
  const address = createAddresses();
  const { edge, open, start } = await createBench(t, { ringBytes: 16_384 });
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  await edge.traffic(signal);
  await edge[Symbol.asyncDispose]();
  const load = await underLoad(`http://${route.address}:${port}/`, 8, async () => {
    while (app.answered() < 1200) await sleep(20, signal);
  });
  assert.deepEqual(load.failures, []);
  await using again = await open({ ringBytes: 16_384 });
  const [traffic] = await again.traffic(signal);
  t.diagnostic(`${load.sent} sent, ${traffic?.served} seen, ${traffic?.unseen} unseen`);
  assert.ok((traffic?.unseen ?? 0) > 0, 'a gap is never 0');
  assert.equal((traffic?.served ?? 0) + (traffic?.unseen ?? 0), load.sent);
});

test('traffic() says `unseen` for requests that were under way when HAProxy was killed, and counts on', async (t) => {
  const address = createAddresses();
  const deltas: number[] = [];
  const { edge, start, crash } = await createBench(t, { onTraffic: (all) => deltas.push(...all.map(({ served }) => served)) });
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  const url = `http://${route.address}:${port}/`;
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  await call(url);
  const cutOff = assert.rejects(call(`${url}?ms=5000`));
  await sleep(100, signal);
  await edge.traffic(signal);
  await crash();
  await cutOff;
  await start();
  await call(url);
  await sleep(1500, signal); // the death is noticed in the background, deltas go out once a second
  const [traffic] = await edge.traffic(signal);
  assert.deepEqual({ served: traffic?.served, lost: traffic?.lost, unseen: traffic?.unseen }, { served: 2, lost: 0, unseen: 1 });
  assert.equal(
    deltas.reduce((sum, served) => sum + served, 0),
    2,
    'onTraffic() hears of each request once',
  );
});
