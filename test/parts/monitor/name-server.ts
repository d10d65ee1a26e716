/** A name server on loopback, for what looks names up. */

import { createSocket } from 'node:dgram';
import type { TestContext } from 'node:test';

/** A DNS server that answers every question for an address with 192.0.2.7, and nothing else. */
export async function nameServer(t: TestContext, { silent = false, address = '127.0.0.1', port = 0 } = {}): Promise<string> {
  const server = createSocket('udp4');
  server.on('message', (question, from) => {
    if (silent) return;
    const answer = Buffer.from([0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 7]);
    const isA = question.readUInt16BE(question.length - 4) === 1 || question.includes(Buffer.from([0, 0, 1, 0, 1]));
    const reply = Buffer.concat([question.subarray(0, endOfQuestion(question)), ...(isA ? [answer] : [])]);
    reply.writeUInt16BE(0x8180, 2);
    reply.writeUInt16BE(isA ? 1 : 0, 6);
    reply.writeUInt16BE(0, 10);
    server.send(reply, from.port, from.address);
  });
  await new Promise<void>((resolve) => void server.bind(port, address, resolve));
  t.after(() => server.close());
  return `${address}:${server.address().port}`;
}

function endOfQuestion(question: Buffer): number {
  let at = 12;
  while ((question[at] ?? 0) !== 0) at += (question[at] ?? 0) + 1;
  return at + 5;
}
