import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';

import { answerStream } from './stream.ts';

const KEEP_ALIVE_MS = 15_000;

/** A stream whose first event has so many bytes, and the other end of its connection, which does not read yet. */
async function stream(t: TestContext, bytes: number) {
  const stop = new AbortController();
  const asked = Promise.withResolvers<ServerResponse>();
  const server = createServer((_request, response) => {
    asked.resolve(response);
    void answerStream(response, stop.signal, async (events) => {
      await events.write('x'.repeat(bytes));
      await once(stop.signal, 'abort');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  t.after(() => {
    stop.abort();
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  return { socket, response: await asked.promise };
}

test('answerStream(): an empty line now and then for who reads', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { socket } = await stream(t, 10);
  let text = '';
  const lines = Promise.withResolvers<void>();
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (/"x+"\n[^]*\r\n1\r\n\n\r\n1\r\n\n\r\n/.test(text)) lines.resolve();
    else if (text.includes('xxx')) t.mock.timers.tick(KEEP_ALIVE_MS);
  });
  socket.resume();
  await lines.promise;
});

test('answerStream(): nothing is heaped up for who does not read, however long', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { response } = await stream(t, 20_000_000);
  const waits = (): number => response.writableLength;
  // What the kernel takes it takes at once.
  for (let last = -1; last !== waits();) {
    last = waits();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const before = waits();
  assert.ok(before > 0);
  t.mock.timers.tick(24 * 3_600_000);
  assert.equal(waits(), before);
});
