/** What every edge promises; run on the one in memory and on the real HAProxy. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import type { Edge, Route, Server } from '../../src/edge/types.ts';
import { hasCode } from '../../src/kit/errors.ts';

export interface EdgeUnderTest {
  readonly edge: Edge;
  readonly route: Route;
  /** A server that passes its check, or never does. */
  readonly server: (name: string, ready: boolean) => Promise<Server>;
  /** Starts what stands behind the routes. */
  readonly start: () => Promise<void>;
}

export function edgeConformance(name: string, open: (t: TestContext) => Promise<EdgeUnderTest>): void {
  const signal = AbortSignal.timeout(60_000);
  const begin = async (t: TestContext): Promise<EdgeUnderTest> => {
    const under = await open(t);
    assert.equal(await under.edge.routes([under.route], signal), true);
    await under.start();
    return under;
  };

  test(`${name}: routes() says whether something changed`, async (t) => {
    const { edge, route } = await begin(t);
    assert.equal(await edge.routes([route], signal), false);
    assert.equal(await edge.routes([route, { ...route, service: 'second', port: route.port + 1 }], signal), true);
    assert.equal(await edge.alive(signal), true);
  });

  test(`${name}: add() gives no weight, and twice is as once`, async (t) => {
    const { edge, server } = await begin(t);
    const one = await server('r1.0.1', true);
    await edge.add(one, signal);
    await edge.add(one, signal);
    assert.deepEqual(
      (await edge.servers(signal)).map(({ name, weight, sessions }) => ({ name, weight, sessions })),
      [{ name: 'r1.0.1', weight: 0, sessions: 0 }],
    );
    await assert.rejects(edge.add({ ...one, address: '127.9.9.9' }, signal), (error) => hasCode(error, 'edge/refused'));
  });

  test(`${name}: weights() refuses a server that is not ready, and keeps what it set`, async (t) => {
    const { edge, server, route } = await begin(t);
    const [one, two] = [await server('r1.0.1', true), await server('r2.0.2', true)];
    await edge.add(one, signal);
    await assert.rejects(edge.weights(route, [{ name: one.name, weight: 1 }], signal), (error) => hasCode(error, 'edge/refused'));
    await edge.ready(one, { timeoutMs: 5000, signal });
    await edge.add(two, signal);
    await edge.ready(two, { timeoutMs: 5000, signal });
    await edge.weights(
      route,
      [
        { name: one.name, weight: 90 },
        { name: two.name, weight: 10 },
      ],
      signal,
    );
    await edge.weights(route, [{ name: one.name, weight: 50 }], signal);
    assert.deepEqual(
      (await edge.servers(signal)).map(({ name, weight, state, check }) => ({ name, weight, state, check })),
      [
        { name: 'r1.0.1', weight: 50, state: 'up', check: 'L7OK/200' },
        { name: 'r2.0.2', weight: 10, state: 'up', check: 'L7OK/200' },
      ],
    );
  });

  test(`${name}: ready() throws with the last check, and may be aborted`, async (t) => {
    const { edge, server } = await begin(t);
    const never = await server('r1.0.1', false);
    await edge.add(never, signal);
    await assert.rejects(edge.ready(never, { timeoutMs: 300, signal }), (error) => hasCode(error, 'edge/never-ready'));
    await assert.rejects(edge.ready(never, { timeoutMs: 5000, signal: AbortSignal.timeout(50) }));
    await assert.rejects(edge.ready({ ...never, name: 'r9.0.9' }, { timeoutMs: 500, signal }), (error) => hasCode(error, 'edge/refused'));
  });

  test(`${name}: a server’s own health path is the one that counts`, async (t) => {
    const { edge, server, route } = await begin(t);
    const own = { ...(await server('r1.0.1', false)), healthPath: '/own' };
    await edge.add(own, signal);
    assert.equal(await edge.routes([{ ...route, health: { ...route.health, path: '/next' } }], signal), true);
    await assert.rejects(edge.ready(own, { timeoutMs: 300, signal }), /as \/own did not answer well/);
  });

  test(`${name}: drain() and remove() leave nothing; absent is fine`, async (t) => {
    const { edge, server, route } = await begin(t);
    const one = await server('r1.0.1', true);
    await edge.add(one, signal);
    await edge.ready(one, { timeoutMs: 5000, signal });
    await edge.weights(route, [{ name: one.name, weight: 100 }], signal);
    assert.deepEqual(await edge.drain(one, { limitMs: 1000, signal }), { cut: 0 });
    assert.equal((await edge.servers(signal))[0]?.state, 'drain');
    await edge.remove(one, signal);
    await edge.remove(one, signal);
    assert.deepEqual(await edge.drain(one, { limitMs: 1000, signal }), { cut: 0 });
    assert.deepEqual(await edge.servers(signal), []);
  });

  test(`${name}: reconcile() takes away what is not recorded`, async (t) => {
    const { edge, server, route } = await begin(t);
    const one = await server('r1.0.1', true);
    await edge.add(one, signal);
    await edge.ready(one, { timeoutMs: 5000, signal });
    await edge.weights(route, [{ name: one.name, weight: 100 }], signal);
    await edge.drain(one, { limitMs: 1000, signal });
    await edge.reconcile(signal);
    assert.deepEqual(await edge.servers(signal), []);
  });

  test(`${name}: hold() and unhold() may be repeated and are no servers`, async (t) => {
    const { edge, route } = await begin(t);
    await edge.hold(route, signal);
    await edge.hold(route, signal);
    assert.deepEqual(await edge.servers(signal), []);
    await edge.unhold(route, signal);
    await edge.unhold(route, signal);
    await edge.hold(route, signal);
    await edge.unhold(route, signal);
  });

  test(`${name}: what has no route is refused`, async (t) => {
    const { edge, server } = await begin(t);
    const one = await server('r1.0.1', true);
    await assert.rejects(edge.add({ ...one, service: 'nowhere' }, signal), (error) => hasCode(error, 'edge/refused'));
  });
}
