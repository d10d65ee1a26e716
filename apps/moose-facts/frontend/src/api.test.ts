import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createApi } from './api.ts';

const fact = { id: 'bell', text: 'It is called a bell.', source: { title: 'Wikipedia', url: 'https://en.wikipedia.org/wiki/Moose' } };

function answering(status: number, body: unknown): { request: typeof fetch; asked: { path: string; init: RequestInit }[] } {
  const asked: { path: string; init: RequestInit }[] = [];
  return {
    asked,
    request: (path, init = {}) => {
      assert.equal(typeof path, 'string');
      asked.push({ path: path as string, init });
      return Promise.resolve(Response.json(body, { status }));
    },
  };
}

test('randomFact() asks past every cache, in time, for any fact but the last', async () => {
  const { request, asked } = answering(200, fact);
  assert.deepEqual(await createApi(request).randomFact('bell'), fact);
  assert.equal(asked[0]?.path, '/api/facts/random?not=bell');
  assert.equal(asked[0]?.init.cache, 'no-store');
  assert.ok(asked[0]?.init.signal instanceof AbortSignal);
});

test('randomFact() rejects what is no success and what is no fact', async () => {
  await assert.rejects(createApi(answering(503, fact).request).randomFact(), /answered 503/);
  await assert.rejects(createApi(answering(200, { ...fact, text: 7 }).request).randomFact());
  await assert.rejects(
    createApi(answering(200, { ...fact, source: { title: 'x', url: 'javascript:alert(1)' } }).request).randomFact(),
    /no fact/,
  );
});

test('vote() sends the id of the fact', async () => {
  const { request, asked } = answering(201, { factId: 'bell', votes: 1 });
  await createApi(request).vote('bell');
  assert.equal(asked[0]?.init.method, 'POST');
  assert.equal(asked[0]?.init.body, '{"factId":"bell"}');
});
