/** The health path belongs to the server: a release that changes it loses no request, whatever happens to HAProxy in between. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test, type TestContext } from 'node:test';

import { edgePaths } from '../../../src/edge/edge.ts';
import { createRuntime } from '../../../src/edge/runtime.ts';
import type { Edge, Route } from '../../../src/edge/types.ts';
import { hasCode } from '../../../src/kit/errors.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { createAddresses, createBench, freePort, routeFor, signal, startApp, underLoad, type App, type Bench } from './bench.ts';

const ODD = "/r2;b,c'd(e)%20f$g?x=1&y=~!*+:@";

interface Stage extends Bench {
  readonly route: Route;
  readonly address: (last: number) => string;
  readonly app: (name: string, healthPath?: string) => Promise<App>;
}

async function setStage(t: TestContext): Promise<Stage> {
  const address = createAddresses();
  const bench = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port, health: { path: '/r1', intervalMs: 200, timeoutMs: 500 } });
  await bench.edge.routes([route], signal);
  await bench.start();
  let last = 10;
  return {
    ...bench,
    route,
    address,
    app: (name, healthPath) => startApp(t, { name, address: address(++last), port, ...(healthPath === undefined ? {} : { healthPath }) }),
  };
}

const withPath = (route: Route, path: string): Route => ({ ...route, health: { ...route.health, path } });

async function serve(edge: Edge, app: App, weight: number): Promise<void> {
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(app.server, [{ name: app.server.name, weight }], signal);
}

async function states(edge: Edge): Promise<readonly string[]> {
  return (await edge.servers(signal)).map(({ name, state, weight }) => `${name} ${state} ${weight}`);
}

test('a new health path: config first, then the rollout, lose nothing and reload nothing', async (t) => {
  const { edge, folder, route, app } = await setStage(t);
  const old = await app('r1.1.1', '/r1');
  await serve(edge, old, 100);
  const next = await app('r2.1.2', '/r2');
  const worker = await createRuntime(edgePaths(folder)).pid(signal);
  const load = await underLoad(`http://${route.address}:${route.port}/`, 4, async () => {
    assert.equal(await edge.routes([withPath(route, '/r2')], signal), true);
    await sleep(1500, signal); // seven checks: three that fail would take the old release away
    await serve(edge, next, 100);
    await edge.weights(route, [{ name: old.server.name, weight: 0 }], signal);
    assert.deepEqual(await edge.drain(old.server, { limitMs: 3000, signal }), { cut: 0 });
    await edge.remove(old.server, signal);
  });
  t.diagnostic(`${load.sent} requests: ${JSON.stringify([...load.releases])}`);
  assert.deepEqual(load.failures, []);
  assert.deepEqual([...load.releases.keys()], ['r1', 'r2']);
  assert.deepEqual([[...old.checked], [...next.checked]], [['/r1'], ['/r2']]);
  assert.equal(await createRuntime(edgePaths(folder)).pid(signal), worker, 'no reload');
});

test('two health paths in one backend stay up over a reload and a kill -9, and go away with their servers', async (t) => {
  const { edge, folder, start, crash, route, address, app } = await setStage(t);
  const [one, two] = [await app('r1.1.1', '/r1'), await app('r2.1.2', ODD)];
  await serve(edge, one, 50);
  await serve(edge, two, 50);
  const both = ['r1.1.1 up 50', 'r2.1.2 up 50'];
  assert.deepEqual(await states(edge), both);
  await edge.routes([withPath(route, '/r3'), routeFor({ service: 'other', address: address(2), port: route.port })], signal);
  await sleep(1500, signal);
  assert.deepEqual(await states(edge), both, 'after a reload');
  await crash();
  await start();
  await sleep(1500, signal);
  assert.deepEqual(await states(edge), both, 'after a kill');
  assert.deepEqual([[...one.checked], [...two.checked]], [['/r1'], [ODD]]);
  const { checks } = edgePaths(folder);
  assert.equal(await readFile(checks, 'utf8'), `r1.1.1 /r1\nr2.1.2 ${ODD}\n`);
  await edge.drain(one.server, { limitMs: 1000, signal });
  await edge.remove(one.server, signal);
  assert.equal(await readFile(checks, 'utf8'), `r2.1.2 ${ODD}\n`);
  assert.match(await createRuntime(edgePaths(folder)).answer('show map checks.map', signal), /^\S+ r2\.1\.2 \S+\s*$/);
});

test('a server that is not ready yet is asked its own path also after HAProxy was killed', async (t) => {
  const { edge, start, crash, app } = await setStage(t);
  const next = await app('r2.1.2', '/r2');
  await edge.add(next.server, signal);
  await crash();
  await start();
  await edge.ready(next.server, { timeoutMs: 5000, signal });
  assert.deepEqual([...next.checked], ['/r2']);
});

test('a server without a path of its own follows its route without a reload; what is no path is refused', async (t) => {
  const { edge, folder, route, app } = await setStage(t);
  const plain = await app('r1.1.1');
  await edge.add(plain.server, signal);
  const worker = await createRuntime(edgePaths(folder)).pid(signal);
  await edge.routes([withPath(route, '/healthz')], signal);
  await edge.ready(plain.server, { timeoutMs: 5000, signal });
  await edge.routes([withPath(route, '/elsewhere')], signal);
  await sleep(1500, signal);
  assert.deepEqual(await states(edge), ['r1.1.1 down 0']);
  assert.deepEqual([...plain.checked].slice(-2), ['/healthz', '/elsewhere']);
  assert.equal(await createRuntime(edgePaths(folder)).pid(signal), worker, 'no reload');
  const bad = { ...plain.server, name: 'r3.1.3', healthPath: '/a b' };
  await assert.rejects(edge.add(bad, signal), (error) => hasCode(error, 'edge/refused'));
  await edge.routes([withPath(route, '/healthz')], signal);
  assert.equal((await edge.servers(signal)).length, 1, 'nothing of it is remembered');
});
