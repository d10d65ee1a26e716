/** A real HAProxy that dies under the monitor: what it carried is one incident, the edge's, and that ends by itself. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import type { Wanted } from '../../../src/monitor/monitor.ts';
import { createAddresses, createBench, freePort, routeFor, signal, startApp, type Bench } from '../edge/bench.ts';
import { scene } from './fixture.ts';
import { listen } from './people.ts';

const NAMES = ['dev/backend', 'dev/frontend', 'prod/backend', 'prod/frontend'];
const PLACE = { path: '/healthz', timeoutMs: 500 };
const DIGEST = `sha256:${'a'.repeat(64)}`;

test('monitor: a real HAProxy killed is one incident and one alert, not one per service; both end by themselves when it serves again', async (t) => {
  const bench = await createBench(t);
  const wanted = await serve(t, bench);
  const { monitor, look } = scene(t, wanted, { alive: { edge: async (asking) => bench.edge.alive(asking), registry: async () => true } });
  const people = await listen(t);
  const watch = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await look();
      await people.see(monitor);
    }
  };
  const verdicts = () => monitor.seen().services.map(({ verdict, reason }) => [verdict, reason].join(' ').trim());
  await watch(2);
  assert.deepEqual(verdicts(), ['up', 'up', 'up', 'up']);

  await bench.crash();
  await watch(4);
  assert.deepEqual(verdicts(), Array(4).fill('down through the edge: refused'));
  await poll(() => people.told[0], { signal, timeoutMs: 5000, what: 'the alert' });
  await bench.start();
  await watch(3);
  assert.deepEqual(verdicts(), ['up', 'up', 'up', 'up']);
  await poll(() => people.told[1], { signal, timeoutMs: 5000, what: 'the news of its end' });
  assert.deepEqual(
    people.told.map(({ state, title }) => `${state} ${title}`),
    ['open The edge is down', 'closed Well again: The edge is down'],
  );
  const [incident, ...more] = people.store.rows.values();
  assert.deepEqual([more.length, typeof incident?.closedAt], [0, 'number']);
  assert.deepEqual(incident?.subjects.toSorted(), [...NAMES, 'edge'].toSorted());
});

/** Each behind an address of its own, as the daemon would have it. */
async function serve(t: TestContext, { edge, start }: Bench): Promise<Wanted> {
  const address = createAddresses();
  const port = await freePort();
  const routes = NAMES.map((name, index) => {
    const [environment = '', service = ''] = name.split('/');
    return routeFor({ environment, service, address: address(index + 1), port });
  });
  await edge.routes(routes, signal);
  await start();
  const services = routes.map(async (route, index) => {
    const { environment, service } = route;
    const app = await startApp(t, { name: 'r2.1.1', address: address(index + 101), port });
    await edge.add({ ...app.server, environment, service }, signal);
    await edge.ready({ ...app.server, environment, service }, { timeoutMs: 5000, signal });
    await edge.weights(route, [{ name: 'r2.1.1', weight: 100 }], signal);
    const own = { ...PLACE, name: 'r2.1.1', release: 'r2', digest: DIGEST, container: 'web-1', address: address(index + 101), port };
    return { environment, service, release: 'r2', edge: { ...PLACE, address: route.address, port }, replicas: [own] };
  });
  return { services: await Promise.all(services), rollouts: [], monitors: [] };
}
