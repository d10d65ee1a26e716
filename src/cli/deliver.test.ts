import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EnvironmentSpec } from '../config/types.ts';
import type { ProgressEvent, WaitingEvent } from '../contract/events.ts';
import type { Receipt, Release } from '../contract/releases.ts';
import { hasCode } from '../kit/errors.ts';
import type { Client } from './client.ts';
import { deliver, inOrder } from './deliver.ts';

const environment = (name: string, from?: string): EnvironmentSpec =>
  ({ name, ...(from === undefined ? {} : { from }) }) as EnvironmentSpec;
const three = [environment('dev'), environment('stg', 'dev'), environment('prod', 'stg')];
const release = { id: 'r2', environments: [] as string[] } as unknown as Release;
const waiting: WaitingEvent = { kind: 'waiting', time: '2026-01-01T00:00:00.000Z', approval: 'a1', environment: 'prod', release: 'r2' };

/** A daemon that notes what is asked; prod waits for its approval. */
function daemon(asked: string[], verdict: Receipt['verdict'] = 'verified'): Client {
  const approved = Promise.withResolvers<void>();
  return {
    call: async (name: string, request: unknown) => {
      asked.push(`${name} ${JSON.stringify(request)}`);
      approved.resolve();
      return {};
    },
    stream: async (
      name: string,
      { params }: { params: { environment: string } },
      options: { onEvent: (event: ProgressEvent) => void; signal: AbortSignal },
    ) => {
      asked.push(`${name} ${params.environment}`);
      if (params.environment === 'prod') {
        options.onEvent(waiting);
        await Promise.race([
          approved.promise,
          new Promise((_, reject) => options.signal.addEventListener('abort', reject, { once: true })),
        ]);
      }
      return { verdict, environment: params.environment, release: 'r2', reason: null };
    },
  } as unknown as Client;
}

test('inOrder() puts upstream first and keeps the config’s order otherwise', () => {
  const names = inOrder([environment('prod', 'stg'), environment('qa'), environment('stg', 'dev'), environment('dev')]).map(
    ({ name }) => name,
  );
  assert.deepEqual(names, ['dev', 'stg', 'prod', 'qa']);
});

test('deliver() deploys, promotes and approves in order', async (t) => {
  const asked: string[] = [];
  const options = { client: daemon(asked), signal: t.signal, onEvent: () => undefined, approve: async () => true };
  const done = await deliver(release, three, options);
  assert.deepEqual(asked, ['deploy dev', 'promote stg', 'promote prod', 'approve {"params":{"id":"a1"},"body":{"approve":true}}']);
  assert.deepEqual(done.moved, ['dev', 'stg', 'prod']);
});

test('deliver() leaves alone what has the release already', async (t) => {
  const asked: string[] = [];
  const events: ProgressEvent[] = [];
  const there = { ...release, environments: ['dev', 'stg', 'prod'] };
  const client = daemon(asked);
  await deliver(there, three, { client, signal: t.signal, onEvent: (event) => events.push(event), approve: async () => true });
  assert.deepEqual(asked, []);
  assert.deepEqual(
    events.map((event) => (event.kind === 'step' ? `${event.step} ${event.state}` : event.kind)),
    ['dev/release skipped', 'stg/release skipped', 'prod/release skipped'],
  );
});

test('deliver() lets a rollout wait where nobody can be asked', async (t) => {
  const options = { client: daemon([]), signal: t.signal, onEvent: () => undefined, approve: async () => undefined };
  const done = await deliver(release, three, options);
  assert.equal(done.waiting?.approval, 'a1');
  assert.deepEqual(done.moved, ['dev', 'stg']);
});

test('deliver() fails with a rollout that was undone', async (t) => {
  const client = daemon([], 'undone');
  await assert.rejects(
    deliver(release, three, { client, signal: t.signal, onEvent: () => undefined, approve: async () => true }),
    (error) => hasCode(error, 'releases/failed'),
  );
});
