import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Status } from '../contract/status.ts';
import { statusHandlers } from './status-handlers.ts';
import type { Call } from './types.ts';

const STATUS: Status = { app: 'shop', at: '', approvals: [], environments: [], monitors: [], parts: [], incidents: [], notices: [] };

test('watch: a slow reader misses what lies between, never the newest, and is waited for', async () => {
  let board = STATUS;
  const ends = Promise.withResolvers<void>();
  const handlers = statusHandlers({
    now: async () => assert.fail('nobody asked for a look'),
    last: () => board,
    async *changes() {
      yield;
      yield;
      ends.resolve();
    },
  });
  const seen: string[] = [];
  const emit = async ({ status }: { readonly status: Status }): Promise<void> => {
    seen.push(status.app);
    for (const app of ['two', 'three', 'four']) board = { ...STATUS, app }; // while this reader takes its time
    await new Promise((resolve) => setImmediate(resolve));
  };
  const call = { emit, signal: new AbortController().signal } as unknown as Call<'watch'>;
  assert.deepEqual(await handlers.watch(call), { events: 2 });
  await ends.promise;
  assert.deepEqual(seen, ['shop', 'four']);
});

test('status: everything is asked now, then shown', async () => {
  const handlers = statusHandlers({ now: async () => ({ ...STATUS, app: 'now' }), last: () => STATUS, changes: () => assert.fail() });
  assert.equal((await handlers.status({ signal: new AbortController().signal } as Call<'status'>)).app, 'now');
});
