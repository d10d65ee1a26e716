import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { SpawnedIn } from '../../engines/types.ts';
import { withLadder } from './rungs.ts';

/** Ends at the rung at which it listens. */
function stubborn(listensTo: string): { readonly process: SpawnedIn; readonly seen: string[]; readonly end: (code: number) => void } {
  const { promise, resolve } = Promise.withResolvers<number>();
  const seen: string[] = [];
  const hear = (name: string): void => {
    seen.push(name);
    if (name === listensTo) resolve(1);
  };
  return { process: { exit: promise, kill: hear, killTree: async () => hear('tree') }, seen, end: resolve };
}

test('withLadder: a step that ends by itself meets no rung', async () => {
  const { process, seen, end } = stubborn('never');
  const running = withLadder(process, { interruptMs: 1, terminateMs: 1, lastResort: async () => undefined }, new AbortController().signal);
  end(7);
  assert.equal(await running, 7);
  assert.deepEqual(seen, []);
});

test('withLadder: each rung only where the one before was not enough', async () => {
  for (const [listensTo, wanted] of [
    ['SIGINT', ['SIGINT']],
    ['SIGTERM', ['SIGINT', 'SIGTERM']],
    ['tree', ['SIGINT', 'SIGTERM', 'tree']],
  ] as const) {
    const { process, seen } = stubborn(listensTo);
    const code = await withLadder(process, { interruptMs: 5, terminateMs: 5, lastResort: async () => assert.fail() }, AbortSignal.abort());
    assert.equal(code, 1);
    assert.deepEqual(seen, wanted);
  }
});
