/** toFrames(), readFrames(): whatever the pieces, the same frames. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readFrames, toFrames } from './frames.ts';

test('readFrames(): frames survive any cut, an empty one is told, half a frame is not', async () => {
  const wire = Buffer.concat([
    ...toFrames(1, Buffer.from('hello')),
    ...toFrames(0, Buffer.alloc(0)),
    ...toFrames(2, Buffer.alloc(150_000, 7)),
  ]);
  for (const size of [4099, 65_541, wire.length]) {
    const pieces = (async function* () {
      for (let at = 0; at < wire.length; at += size) yield wire.subarray(at, at + size);
      yield Buffer.from([1, 0, 0]);
    })();
    const seen: string[] = [];
    let bytes = 0;
    for await (const { kind, bytes: part } of readFrames(pieces)) {
      if (kind === 2) bytes += part.length;
      else seen.push(`${kind}:${Buffer.from(part).toString()}`);
    }
    assert.deepEqual(seen, ['1:hello', '0:']);
    assert.equal(bytes, 150_000);
  }
});

test('readFrames(): byte by byte', async () => {
  const wire = Buffer.concat([...toFrames(1, Buffer.from('hello')), ...toFrames(3, Buffer.from('{}'))]);
  const seen: string[] = [];
  const pieces = (async function* () {
    for (const byte of wire) yield Buffer.from([byte]);
  })();
  for await (const { kind, bytes } of readFrames(pieces)) seen.push(`${kind}:${Buffer.from(bytes).toString()}`);
  assert.deepEqual(seen, ['1:hello', '3:{}']);
});

test('readFrames(): a length that nobody of ours sends is an error', async () => {
  const wire = (async function* () {
    yield Buffer.from([1, 255, 255, 255, 255]);
  })();
  await assert.rejects(async () => {
    for await (const _ of readFrames(wire)) assert.fail();
  }, RangeError);
});
