import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';

import { FACTS } from './facts.ts';
import { readIdentity } from './identity.ts';
import { createServer, type MooseServer } from './server.ts';

const identity = {
  app: 'moose-facts',
  environment: 'stg',
  service: 'backend',
  release: 'r42',
  commit: '0123456789012345678901234567890123456789',
};

function server(): MooseServer {
  return createServer({ identity, random: () => 0 });
}

async function get(url: string): Promise<{ status: number; body: unknown; headers: Record<string, unknown> }> {
  const answer = await server().http.inject({ method: 'GET', url });
  return { status: answer.statusCode, body: answer.json(), headers: answer.headers };
}

test('readIdentity() says so where nobody told it who it is', () => {
  assert.deepEqual(readIdentity({}), {
    app: 'moose-facts',
    environment: 'local',
    service: 'backend',
    release: 'none',
    commit: 'none',
  });
  assert.equal(readIdentity({ ANTLER_RELEASE: 'r7' }).release, 'r7');
});

for (const [path, alias] of [
  ['/api/facts', '/moose-facts'],
  ['/api/facts/random', '/random-moose-fact'],
  ['/api/version', '/image-version'],
] as const) {
  test(`GET ${alias} answers as ${path} does`, async () => {
    const [first, second] = await Promise.all([get(path), get(alias)]);
    assert.equal(first.status, 200);
    assert.equal(second.status, 200);
    assert.deepEqual(second.body, first.body);
  });
}

test('GET /api/facts gives every fact with its source, and nobody may keep the answer', async () => {
  const { body, headers } = await get('/api/facts');
  assert.deepEqual(body, { facts: FACTS });
  assert.equal(headers['cache-control'], 'no-store');
});

test('GET /api/facts/random does not give the fact that was just seen', async () => {
  const [first, second] = FACTS;
  assert.deepEqual((await get('/api/facts/random')).body, first);
  assert.deepEqual((await get(`/api/facts/random?not=${first?.id}`)).body, second);
});

test('GET /api/facts/:id gives that fact, or 404 with a code', async () => {
  assert.deepEqual(
    (await get('/api/facts/bell')).body,
    FACTS.find((fact) => fact.id === 'bell'),
  );
  const missing = await get('/api/facts/unicorn');
  assert.equal(missing.status, 404);
  assert.deepEqual(missing.body, { error: { code: 'fact/unknown', message: 'Cannot find the fact as there is none called unicorn' } });
});

test('GET /api/version tells who answers', async () => {
  assert.deepEqual((await get('/api/version')).body, identity);
});

test('POST /api/votes counts, and refuses what is no fact and what is no vote', async () => {
  const { http } = server();
  const vote = (payload: object) => http.inject({ method: 'POST', url: '/api/votes', payload });
  assert.deepEqual((await vote({ factId: 'bell' })).json(), { factId: 'bell', votes: 1 });
  assert.deepEqual((await vote({ factId: 'bell' })).json(), { factId: 'bell', votes: 2 });
  assert.deepEqual((await http.inject({ method: 'GET', url: '/api/votes' })).json(), { votes: { bell: 2 } });
  assert.equal((await vote({ factId: 'unicorn' })).statusCode, 404);
  assert.equal((await vote({})).statusCode, 400);
  assert.equal((await vote({ factId: 'a'.repeat(41) })).statusCode, 400);
});

test('GET /api/openapi.json describes every path that answers', async () => {
  const { body } = await get('/api/openapi.json');
  const { openapi, paths } = body as { openapi: string; paths: Record<string, object> };
  assert.match(openapi, /^3\.1/);
  assert.deepEqual(Object.keys(paths).sort(), [
    '/api/facts',
    '/api/facts/random',
    '/api/facts/{id}',
    '/api/version',
    '/api/votes',
    '/healthz',
    '/image-version',
    '/moose-facts',
    '/random-moose-fact',
    '/readyz',
  ]);
  assert.deepEqual(Object.keys(paths['/api/votes'] ?? {}).sort(), ['get', 'post']);
});

test('an unknown path is a 404 with a code', async () => {
  const { status, body } = await get('/nowhere');
  assert.equal(status, 404);
  assert.deepEqual(body, { error: { code: 'path/unknown', message: 'Cannot GET /nowhere as there is no such path' } });
});

test('stop() flips /readyz, answers what is in flight, and takes no new connection', async () => {
  const moose = createServer({ identity });
  let release = (): void => undefined;
  const held = new Promise<void>((done) => (release = done));
  moose.http.get('/slow', async () => {
    await held;
    return { status: 'late' };
  });
  const address = await moose.http.listen({ host: '127.0.0.1', port: 0 });
  const slow = fetch(`${address}/slow`);
  const port = Number(new URL(address).port);
  const silent = connect(port, '127.0.0.1');
  const kept = connect(port, '127.0.0.1');
  await Promise.all([once(silent, 'connect'), once(kept, 'connect')]);
  kept.write('GET /readyz HTTP/1.1\r\nhost: moose\r\n'); // the rest follows when it is stopping
  await fetch(`${address}/readyz`).then((answer) => assert.equal(answer.status, 200));

  const stopped = moose.stop();
  kept.write('\r\n');
  const [head] = (await once(kept, 'data')) as [Buffer];
  assert.match(head.toString(), /^HTTP\/1\.1 503 /);
  assert.match(head.toString(), /connection: close/i);
  await assert.rejects(fetch(`${address}/healthz`));
  release();
  const answer = await slow;
  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { status: 'late' });
  await stopped;
  kept.destroy();
  silent.destroy();
});
