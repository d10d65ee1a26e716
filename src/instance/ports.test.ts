import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { test } from 'node:test';

import { parseListeners, portHolders, readListening } from './ports.ts';

test('parseListeners() reads listeners alone, IPv4 and IPv6', () => {
  const text = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:7724 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 81234 1 0000000000000000 100 0 0 10 0',
    '   1: 0100007F:1F90 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 81235 1 0000000000000000 100 0 0 10 0',
    '  12: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 77 1 0 100 0 0 10 0',
  ].join('\n');
  assert.deepEqual(parseListeners(text), [
    { port: 30_500, inode: '81234' },
    { port: 22, inode: '77' },
  ]);
});

test('portHolders() names the process that listens, and nobody for a free port', async (t) => {
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const [holder, ...others] = await portHolders([address.port, 1]);
  assert.deepEqual(others, []);
  assert.equal(holder?.pid, process.pid);
  assert.match(holder?.command ?? '', /node/);
  assert.ok((await readListening()).has(address.port));
});
