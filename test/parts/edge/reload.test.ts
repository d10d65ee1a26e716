/** Reloads (new routes only) under load: every request is still counted, and a rollout right after one loses nothing more. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { sleep } from '../../../src/kit/wait.ts';
import { createAddresses, createBench, freePort, routeFor, signal, startApp, underLoad } from './bench.ts';

test('routes() under load: what each release served is counted over old and new workers, also when a rollout follows at once', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t, { user: 'haproxy' });
  const port = await freePort();
  const route = routeFor({ address: address(1), port, drainMs: 20_000 });
  await edge.routes([route], signal);
  await start();
  const old = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(old.server, signal);
  await edge.ready(old.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  const next = await startApp(t, { name: 'r2.0.2', address: address(12), port });

  const load = await underLoad(`http://${route.address}:${port}/`, 4, async () => {
    await sleep(300, signal);
    await edge.add(next.server, signal);
    assert.equal(await edge.routes([route, routeFor({ service: 'other', address: address(2), port })], signal), true);
    await edge.ready(next.server, { timeoutMs: 5000, signal }); // the reload forgot it; the edge did not
    await edge.weights(
      route,
      [
        { name: 'r1.0.1', weight: 0 },
        { name: 'r2.0.2', weight: 100 },
      ],
      signal,
    );
    assert.deepEqual(await edge.drain(old.server, { limitMs: 20_000, signal }), { cut: 0 });
    await edge.remove(old.server, signal);
    await old.stop();
    await sleep(300, signal);
  });
  const traffic = await edge.traffic(signal);
  t.diagnostic(`${load.sent} sent, ${load.failures.length} failed (${load.failures[0] ?? ''}): ${JSON.stringify([...load.releases])}`);
  // A client that writes on a connection just as the old worker closes it sees a reset (measured: 0 to 4 for each reload).
  assert.ok(
    load.failures.length <= 4 && load.failures.every((failure) => failure.includes('ECONNRESET') || failure.includes('hang up')),
    load.failures[0],
  );
  assert.deepEqual(Object.fromEntries(traffic.map(({ release, served }) => [release, served])), Object.fromEntries(load.releases));
  assert.deepEqual(
    traffic.map(({ lost, unseen }) => lost + unseen),
    traffic.map(() => 0),
  );
});
