import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';

import { apiSocketOf } from '../contract/routes.ts';
import { AntlerError } from '../kit/errors.ts';
import { createClient, fill, type Client } from './client.ts';

const never = new AbortController().signal;
const time = '2026-11-23T12:00:00.000Z';

test('fill makes each value one path segment', () => {
  assert.equal(fill('/v1/environments/:environment/logs', { environment: 'a/../b?c d' }), '/v1/environments/a%2F..%2Fb%3Fc%20d/logs');
});

test('call sends params and query, answers with the body', async (t) => {
  let asked = '';
  const client = await against(t, (request, response) => {
    asked = `${request.method} ${request.url}`;
    response.end('{"release":"r1"}');
  });
  const answer = await client.call('receipt', { params: { id: 'r1' }, query: { environment: 'prod' } }, never);
  assert.equal(asked, 'GET /v1/releases/r1/receipt?environment=prod');
  assert.equal(answer.release, 'r1');
});

test('call throws the error that the daemon sent, with its code, hint and lines', async (t) => {
  const error = { code: 'releases/held', message: 'Cannot x', hint: 'do y', lines: ['a'] };
  const client = await against(t, (_, response) => response.writeHead(409).end(JSON.stringify({ error })));
  await assert.rejects(client.call('status', {}, never), (thrown: unknown) => {
    assert.ok(thrown instanceof AntlerError);
    assert.deepEqual(thrown.toBody(), error);
    return true;
  });
});

test('stream hands on events over any cut of the bytes, skips empty lines, ends with the result', async (t) => {
  const lines = `${JSON.stringify({ kind: 'output', time, step: 'a', line: 'ü' })}\n\n${JSON.stringify({ kind: 'result', result: { id: 'r7' } })}\n`;
  const client = await against(t, (_, response) => {
    const bytes = Buffer.from(lines);
    void (async () => {
      for (const byte of bytes) {
        response.write(Buffer.of(byte));
        await new Promise(setImmediate);
      }
      response.end();
    })();
  });
  const seen: unknown[] = [];
  const result = await client.stream('build', { body: { directory: '/x' } }, { signal: never, onEvent: (event) => seen.push(event) });
  assert.equal(result.id, 'r7');
  assert.deepEqual(seen, [{ kind: 'output', time, step: 'a', line: 'ü' }]);
});

test('stream throws the error that ends it', async (t) => {
  const event = { kind: 'error', error: { code: 'images/build-failed', message: 'm', hint: 'h' } };
  const client = await against(t, (_, response) => response.end(`${JSON.stringify(event)}\n`));
  await rejectsWith(
    'images/build-failed',
    client.stream('build', { body: { directory: '/x' } }, { signal: never, onEvent: () => undefined }),
  );
});

test('stream says so when the daemon dies in the middle', async (t) => {
  const client = await against(t, (_, response) => {
    response.write('{"kind":"output"}\n');
    setTimeout(() => response.destroy(), 5);
  });
  await rejectsWith(
    'daemon/unreachable',
    client.stream('build', { body: { directory: '/x' } }, { signal: never, onEvent: () => undefined }),
  );
});

test('stream ends with kit/aborted at the signal, and the daemon sees us leave', async (t) => {
  const gone = Promise.withResolvers<void>();
  const abort = new AbortController();
  const client = await against(t, (_, response) => {
    response.on('close', gone.resolve);
    response.write('{"kind":"output"}\n');
  });
  const stream = client.stream('build', { body: { directory: '/x' } }, { signal: abort.signal, onEvent: () => abort.abort() });
  await rejectsWith('kit/aborted', stream);
  await gone.promise;
});

test('call says daemon/unreachable where there is no socket', async () => {
  const client = createClient({ home: '/var/tmp/antler-none' });
  await assert.rejects(client.call('health', {}, never), (thrown: unknown) => {
    assert.ok(thrown instanceof AntlerError && thrown.code === 'daemon/unreachable');
    assert.match(thrown.hint, /antler up/);
    return true;
  });
});

test('call says daemon/unreachable where something else answers', async (t) => {
  const client = await against(t, (_, response) => response.writeHead(502).end('<html>'));
  await rejectsWith('daemon/unreachable', client.call('health', {}, never));
});

async function rejectsWith(code: string, promise: Promise<unknown>): Promise<void> {
  await assert.rejects(promise, (thrown: unknown) => thrown instanceof AntlerError && thrown.code === code);
}

async function against(t: TestContext, answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<Client> {
  const home = await mkdtemp('/var/tmp/antler-cli-');
  await mkdir(`${home}/run`);
  const server = createServer(answer);
  await new Promise<void>((resolve) => void server.listen(apiSocketOf(home), resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(home, { recursive: true });
  });
  return createClient({ home });
}
