/** Rollouts on a real HAProxy: nothing is lost, everything is counted. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import type { Traffic } from '../../../src/edge/types.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { call, createAddresses, createBench, freePort, routeFor, signal, startApp, underLoad } from './bench.ts';

test('edge: three rolling swaps under keep-alive GET and POST load lose nothing, and every request is counted by release', async (t) => {
  const address = createAddresses();
  const bench = await createBench(t);
  const { edge } = bench;
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  assert.equal(await edge.routes([route], signal), true);
  await bench.start();
  assert.equal(await edge.routes([route], signal), false, 'the same routes change nothing');

  let old = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(old.server, signal);
  await edge.ready(old.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: old.server.name, weight: 100 }], signal);

  const load = await underLoad(`http://${route.address}:${port}/`, 8, async () => {
    for (const number of [2, 3, 4]) {
      const next = await startApp(t, { name: `r${number}.0.${number}`, address: address(10 + number), port, readyAfterMs: 300 });
      await edge.add(next.server, signal);
      await edge.ready(next.server, { timeoutMs: 5000, signal });
      await edge.weights(
        route,
        [
          { name: old.server.name, weight: 0 },
          { name: next.server.name, weight: 100 },
        ],
        signal,
      );
      assert.deepEqual(await edge.drain(old.server, { limitMs: 3000, signal }), { cut: 0 });
      await edge.remove(old.server, signal);
      await old.stop();
      old = next;
      await sleep(200, signal);
    }
  });
  assert.deepEqual(load.failures, []);
  assert.ok(load.sent > 1000, `${load.sent} requests`);
  const traffic = await edge.traffic(signal);
  t.diagnostic(`${load.sent} requests: ${JSON.stringify(Object.fromEntries(load.releases))}`);
  assert.deepEqual(served(traffic), Object.fromEntries(load.releases));
  assert.deepEqual(
    traffic.map(({ lost, unseen, errors, aborted }) => ({ lost, unseen, errors, aborted })),
    traffic.map(() => ({ lost: 0, unseen: 0, errors: 0, aborted: 0 })),
  );
  const file = await readFile(join(bench.folder, 'haproxy.cfg'), 'utf8');
  assert.match(file, /^ {2}server r4\.0\.4 \S+ .* weight 100$/m);
  assert.doesNotMatch(file, /server r3/);
  assert.deepEqual(
    (await edge.servers(signal)).map(({ name, state, weight }) => ({ name, state, weight })),
    [{ name: 'r4.0.4', state: 'up', weight: 100 }],
  );
  assert.equal((await call(`http://${route.address}:${port}/`)).release, 'r4');
});

function served(traffic: readonly Traffic[]): Record<string, number> {
  return Object.fromEntries(traffic.map(({ release, served }) => [release, served]));
}
