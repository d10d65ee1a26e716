import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';

import { ask } from './http.ts';

test('ask() gives status, headers and body as they are, and throws on an abort within the answer', async (t) => {
  const server = createServer((request, response) => {
    if (request.url === '/stuck') response.write('{');
    else response.writeHead(307, { location: '/stuck', 'x-method': request.method, 'x-accept': request.headers.accept ?? 'none' }).end('é');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { signal } = new AbortController();
  const { status, headers, body } = await ask(`${url}/`, { signal, headers: { accept: 'a/b' } });
  assert.deepEqual([status, headers['x-method'], headers['x-accept'], body], [307, 'GET', 'a/b', 'é']);
  assert.equal((await ask(`${url}/`, { signal, method: 'HEAD' })).body, '');
  await assert.rejects(ask(`${url}/stuck`, { signal: AbortSignal.timeout(50) }));
});
