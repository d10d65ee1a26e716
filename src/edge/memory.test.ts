import assert from 'node:assert/strict';
import { test } from 'node:test';

import { edgeConformance } from '../../test/conformance/edge.ts';
import { percentile } from './latency.ts';
import { createMemoryEdge } from './memory.ts';
import type { Route } from './types.ts';

const ROUTE: Route = {
  environment: 'dev',
  service: 'backend',
  address: '10.77.1.1',
  port: 5000,
  subnet: '10.77.101.0/24',
  health: { path: '/healthz', intervalMs: 2000, timeoutMs: 1000 },
  drainMs: 30_000,
  stopFirst: false,
};

edgeConformance('memory', async () => {
  const edge = createMemoryEdge();
  return {
    edge,
    route: ROUTE,
    start: async () => {},
    server: async (name, ready) => {
      const server = { environment: 'dev', service: 'backend', name, release: 'r1', address: '10.77.101.10', port: 5000 };
      if (!ready) edge.setReady(server, false);
      return server;
    },
  };
});

test('createMemoryEdge(): a drain waits for open requests and says how many it cut; traffic is as counted', async () => {
  const signal = AbortSignal.timeout(5000);
  const edge = createMemoryEdge();
  await edge.routes([ROUTE], signal);
  const server = { environment: 'dev', service: 'backend', name: 'r1.0.1', release: 'r1', address: '10.77.101.10', port: 5000 };
  await edge.add(server, signal);
  await edge.ready(server, { timeoutMs: 100, signal });
  edge.setSessions(server, 3);
  assert.deepEqual(await edge.drain(server, { limitMs: 20, signal }), { cut: 3 });
  edge.count({ environment: 'dev', service: 'backend', release: 'r1', served: 10, errors: 1 }, 20);
  edge.count({ environment: 'dev', service: 'backend', release: 'r1', served: 1, lost: 2 }, 500);
  const [traffic] = await edge.traffic(signal);
  assert.deepEqual({ served: traffic?.served, errors: traffic?.errors, lost: traffic?.lost }, { served: 11, errors: 1, lost: 2 });
  assert.ok((percentile(traffic?.latency ?? [], 99) ?? 0) >= 500);
  edge.crash();
  assert.deepEqual(await edge.servers(signal), []);
});
