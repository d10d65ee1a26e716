import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { test, type TestContext } from 'node:test';

import { runLoad, type LoadResult } from './load.ts';

/** A server of raw bytes: the nth request (from 0) is answered with what `answer` writes. */
async function serve(t: TestContext, answer: (socket: Socket, turn: number) => void): Promise<string> {
  let turn = 0;
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    socket.on('data', () => {
      answer(socket, turn);
      turn += 1;
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return `http://127.0.0.1:${address.port}`;
}

function answerOf(status: string, release: string, body = 'moose'): string {
  return `HTTP/1.1 ${status}\r\nx-release: ${release}\r\ncontent-length: 5\r\n\r\n${body}`;
}

function load(url: string, maxRequests: number): Promise<LoadResult> {
  return runLoad({
    url,
    signal: AbortSignal.timeout(5000),
    durationMs: 5000,
    maxRequests,
    connections: 1,
    mix: [{ method: 'GET', path: '/' }],
  });
}

test('runLoad() counts answers by release, on one kept connection', async (t) => {
  const seen = new Set<Socket>();
  const url = await serve(t, (socket, turn) => {
    seen.add(socket);
    socket.write(answerOf('200 OK', turn < 3 ? 'r1' : 'r2'));
  });
  const result = await load(url, 10);
  assert.deepEqual([result.sent, result.ok, result.lost, seen.size], [10, 10, 0, 1]);
  assert.deepEqual([result.releases['r1']?.answers, result.releases['r2']?.answers], [3, 7]);
});

test('runLoad() calls lost what the edge says with 502, 503, 504, and an error what the application says with 500 or 404', async (t) => {
  const statuses = ['502 Bad Gateway', '503 No', '504 Late', '500 Oops', '404 Nothing'];
  const url = await serve(t, (socket, turn) => socket.write(answerOf(statuses[turn] ?? '200 OK', 'none')));
  const result = await load(url, 6);
  assert.deepEqual([result.ok, result.lost, result.errors], [1, 3, 2]);
  assert.deepEqual(result.lostBy, { 502: 1, 503: 1, 504: 1 });
});

test('runLoad() calls lost a connection that ends before the answer, and one that ends within it', async (t) => {
  const url = await serve(t, (socket, turn) => {
    if (turn === 1) socket.destroy();
    else if (turn === 3) socket.write(answerOf('200 OK', 'r1', 'moo'), () => socket.destroy());
    else socket.write(answerOf('200 OK', 'r1'));
  });
  const result = await load(url, 6);
  assert.deepEqual([result.ok, result.lost], [4, 2]);
  assert.equal(result.losses.length, 2);
});

test('runLoad() never sends a lost request again', async (t) => {
  let requests = 0;
  const url = await serve(t, (socket) => {
    requests += 1;
    socket.destroy();
  });
  const result = await load(url, 3);
  assert.deepEqual([result.lost, requests], [3, 3]);
});
