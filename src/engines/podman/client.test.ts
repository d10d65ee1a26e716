import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';

import { AntlerError, hasCode } from '../../kit/errors.ts';
import { createClient, type PodmanClient } from './client.ts';

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const never = new AbortController().signal;
const get = { method: 'GET', path: '/x', signal: never } as const;

test('request() sends query and body, and reads one document, several, or none', async (t) => {
  const seen: string[] = [];
  const answers = ['{"a":1}', '{"a":1}\n{"a":2}\n', ''];
  const { client } = await against(t, (request, response) => {
    request.setEncoding('utf8').on('data', (piece: string) => seen.push(`${request.method} ${request.url} ${piece}`));
    request.on('end', () => response.end(answers.shift()));
  });
  const query = { all: true, filters: '{"a":["b c"]}' };
  assert.deepEqual((await client.request({ ...get, method: 'POST', query, body: { name: 'é' } })).body, { a: 1 });
  assert.deepEqual((await client.request(get)).body, [{ a: 1 }, { a: 2 }]);
  assert.equal((await client.request(get)).body, undefined);
  assert.deepEqual(seen, ['POST /v4.0.0/libpod/x?all=true&filters=%7B%22a%22%3A%5B%22b+c%22%5D%7D {"name":"é"}']);
});

test('request() throws what Podman said, but for statuses that the caller understands', async (t) => {
  const { client } = await against(t, (request, response) =>
    response.writeHead(request.url?.endsWith('none') === true ? 404 : 500).end('{"message":"this is why"}'),
  );
  await assert.rejects(client.request(get), (error) => hasCode(error, 'engines/refused') && /this is why/.test(String(error)));
  await assert.rejects(client.request({ ...get, path: '/none' }), (error) => hasCode(error, 'engines/not-found'));
  assert.equal((await client.request({ ...get, path: '/none', accept: [404] })).status, 404);
});

test('request() throws the reason of an abort before the answer and within it, and cuts the connection', async (t) => {
  for (const begin of ['', '{"a":']) {
    const gone = Promise.withResolvers<void>();
    const stop = new AbortController();
    const reason = new AntlerError('kit/timeout', 'Cannot wait longer');
    const { client } = await against(t, (request, response) => {
      request.socket.on('close', gone.resolve);
      if (begin !== '') response.write(begin);
      setTimeout(() => stop.abort(reason), 20);
    });
    await assert.rejects(client.request({ ...get, signal: stop.signal }), (error) => error === reason);
    await gone.promise;
  }
});

test('request() wakes the service once, does not wait until that is sure, and throws why it could not be woken', async (t) => {
  let wakes = 0;
  const { client } = await against(t, (_, response) => response.end('1'), {
    wake: async (listen) => {
      wakes += 1;
      listen();
      return new Promise(() => undefined);
    },
  });
  assert.equal((await client.request(get)).body, 1);
  assert.equal(wakes, 1);

  const why = new AntlerError('host/service-failed', 'Cannot start it');
  const { client: without } = await against(t, () => undefined, { wake: async () => Promise.reject(why) });
  await assert.rejects(without.request(get), (error) => error === why);
});

test('request() throws engines/unreachable where nobody listens in time, though the waking did not fail', async (t) => {
  const { client } = await against(t, () => undefined, { wake: async () => undefined, patienceMs: 60 });
  await assert.rejects(client.request(get), (error) => hasCode(error, 'engines/unreachable') && /nobody listens/.test(String(error)));
});

test('request() loses none to a service that ended since the last one', async (t) => {
  const { client, server } = await against(t, (_, response) => response.end('1'));
  await client.request(get);
  server.closeAllConnections();
  assert.equal((await client.request(get)).status, 200);
});

interface Against {
  /** Given, nobody listens until it calls `listen`. */
  readonly wake?: (listen: () => void) => Promise<void>;
  readonly patienceMs?: number;
}

async function against(
  t: TestContext,
  answer: Answer,
  { wake, ...patience }: Against = {},
): Promise<{ client: PodmanClient; server: Server }> {
  const folder = await mkdtemp('/var/tmp/antler-client-');
  const socket = `${folder}/engine.sock`;
  const server = createServer(answer);
  const listen = (): void => void server.listen(socket);
  if (wake === undefined) await new Promise<void>((resolve) => void server.listen(socket, resolve));
  const client = createClient({ socket, wake: async () => wake?.(listen), ...patience });
  t.after(async () => {
    await client[Symbol.asyncDispose]();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  return { client, server };
}
