/** createChannel(): order, back pressure, and readers that leave. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createChannel } from './channel.ts';

test('createChannel(): all values in order, then the end', async () => {
  const channel = createChannel<number>(2);
  const write = (async () => {
    for (let value = 0; value < 5; value += 1) await channel.put(value);
    channel.close();
  })();
  const seen: number[] = [];
  for await (const value of channel) seen.push(value);
  await write;
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
});

test('createChannel(): a writer waits for the reader, and is let go when the reader leaves', async () => {
  const channel = createChannel<number>(1);
  assert.equal(await channel.put(1), true);
  let done = false;
  const second = channel.put(2).then((taken) => {
    done = true;
    return taken;
  });
  await Promise.resolve();
  assert.equal(done, false);
  for await (const value of channel) if (value === 2) break;
  assert.equal(await second, true);
  assert.equal(await channel.put(3), false);
});
