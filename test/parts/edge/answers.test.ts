/** What clients get from a real HAProxy: who answered, who may ask, and how each end of a request is counted. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { edgePaths } from '../../../src/edge/edge.ts';
import { hasCode, type AntlerError } from '../../../src/kit/errors.ts';
import { call, createAddresses, createBench, freePort, routeFor, signal, startApp } from './bench.ts';

test('every response says its release; served, errors, lost and aborted are told apart and none is unseen', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t);
  const port = await freePort();
  const entry = await freePort();
  const route = routeFor({ address: address(1), port, entry: { port: entry, listen: 'any' } });
  const url = `http://127.0.0.1:${entry}`;
  await edge.routes([route], signal);
  await start();
  const before = await call(`${url}/`, { from: '127.0.0.1' });
  assert.equal(before.status, 403, 'an inside address may not come in by the entry'); // the test’s subnet is 127.0.0.1/32
  const nothing = await call(`${url}/`, { from: address(99) });
  assert.deepEqual({ status: nothing.status, release: nothing.release }, { status: 503, release: 'none' });
  assert.match(nothing.body, /antler deploy dev/);

  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  const from = address(99);
  assert.deepEqual(await call(`${url}/`, { from }), { status: 200, release: 'r1', body: 'r1' });
  assert.deepEqual(await call(`http://[::1]:${entry}/`), { status: 200, release: 'r1', body: 'r1' });
  assert.deepEqual(await call(`${url}/fail`, { from }), { status: 500, release: 'r1', body: 'failed' });
  await assert.rejects(call(`${url}/broken`, { from }));
  const traffic = await edge.traffic(signal);
  const of = (release: string) => traffic.find((each) => each.release === release);
  const r1 = of('r1');
  assert.deepEqual(
    { served: r1?.served, errors: r1?.errors, lost: r1?.lost, unseen: r1?.unseen },
    { served: 3, errors: 1, lost: 1, unseen: 0 },
    JSON.stringify(traffic),
  );
  assert.deepEqual(
    { lost: of('none')?.lost, aborted: of('none')?.aborted, unseen: of('none')?.unseen },
    { lost: 0, aborted: 2, unseen: 0 },
    JSON.stringify(traffic),
  );

  await app.stop();
  const refused = await call(`${url}/`, { from });
  assert.deepEqual({ status: refused.status, release: refused.release }, { status: 503, release: 'none' });
  assert.equal((await edge.traffic(signal)).find((each) => each.release === 'none')?.lost, 1, 'a 503 of the edge is lost');
});

test('a virtual address answers its own environment and the host, nobody else', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port, subnet: `${address(0)}/28` });
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  const url = `http://${route.address}:${port}/`;
  for (const from of [address(5), address(1), '127.0.0.1']) assert.equal((await call(url, { from })).status, 200, from);
  for (const from of [address(77), '127.1.2.3'])
    assert.deepEqual(statusAndRelease(await call(url, { from })), { status: 403, release: 'none' }, from);
});

test('ready() says what the last check said when a server never gets ready', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const nobody = { environment: 'dev', service: 'backend', name: 'r1.0.1', release: 'r1', address: address(11), port };
  await edge.add(nobody, signal);
  await assert.rejects(edge.ready(nobody, { timeoutMs: 700, signal }), (error: AntlerError) => {
    assert.equal(error.code, 'edge/never-ready');
    assert.match(error.message, /\/healthz.*L4CON.*refused/);
    return true;
  });
  const app = await startApp(t, { name: 'r2.0.2', address: address(12), port, readyAfterMs: 60_000 });
  await edge.add(app.server, signal);
  await assert.rejects(edge.ready(app.server, { timeoutMs: 700, signal }), /L7STS\/503/);
  await edge.remove(app.server, signal);
  await edge.remove(nobody, signal);
  await edge.remove(nobody, signal);
  assert.deepEqual(await edge.servers(signal), []);
});

test('routes() refuses a taken port by its holder’s name, and what HAProxy refuses; the file stays as it was', async (t) => {
  const address = createAddresses();
  const { edge, folder, start } = await createBench(t, { portHolder: async () => 'nginx (pid 812)' });
  const port = await freePort();
  const route = routeFor({ address: address(1), port });
  await edge.routes([route], signal);
  await start();
  const file = await readFile(edgePaths(folder).file, 'utf8');
  const other = createServer();
  other.listen(0, '::');
  await once(other, 'listening');
  t.after(() => other.close());
  const taken = (other.address() as { port: number }).port;
  await assert.rejects(edge.routes([{ ...route, entry: { port: taken, listen: 'any' } }], signal), (error: AntlerError) => {
    assert.equal(error.code, 'edge/port-taken');
    assert.match(error.message, new RegExp(`port ${taken}.*nginx \\(pid 812\\)`));
    return true;
  });
  await assert.rejects(edge.routes([{ ...route, subnet: '10.0.0.0/99' }], signal), (error) => hasCode(error, 'edge/invalid-config'));
  assert.equal(await readFile(edgePaths(folder).file, 'utf8'), file);
  assert.equal(await edge.routes([route], signal), false);
});

function statusAndRelease({ status, release }: { status: number; release: string | undefined }): {
  status: number;
  release: string | undefined;
} {
  return { status, release };
}

test('a check of ours is answered as anybody is, and counted as nobody’s: only this machine may say that it is one', async (t) => {
  const address = createAddresses();
  const { edge, start } = await createBench(t);
  const port = await freePort();
  const route = routeFor({ address: address(1), port, subnet: `${address(99)}/32` });
  await edge.routes([route], signal);
  await start();
  const app = await startApp(t, { name: 'r1.0.1', address: address(11), port });
  await edge.add(app.server, signal);
  await edge.ready(app.server, { timeoutMs: 5000, signal });
  await edge.weights(route, [{ name: 'r1.0.1', weight: 100 }], signal);
  const url = `http://${route.address}:${port}/`;
  const headers = { 'user-agent': 'antler-probe' };
  for (const from of ['127.0.0.1', route.address]) assert.equal((await call(url, { from, headers })).release, 'r1');
  assert.deepEqual(await edge.traffic(signal), []);
  assert.equal((await call(url, { from: address(99), headers })).release, 'r1'); // a container that calls itself one
  assert.equal((await call(url, { from: '127.0.0.1' })).release, 'r1');
  const [traffic] = await edge.traffic(signal);
  assert.deepEqual([traffic?.release, traffic?.served, traffic?.unseen], ['r1', 2, 0]);
});
