/** A monitor in a process of its own that a test may stop: looks at `prod/web` and at four monitors on the port that it is given; tells each look and each change as a line of JSON. */

import process from 'node:process';

import { createMonitor } from '../../../src/monitor/monitor.ts';
import { container, NOTHING, wanted, type Backend } from './fixture.ts';

const port = Number(process.argv[2]);
const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const pace = { intervalMs: 1000, timeoutMs: 900 };
const http = { ...pace, kind: 'http', url: `http://127.0.0.1:${port}/`, status: [[200, 399]], headers: {}, lateMs: 800 } as const;
const service = wanted({ port } as Backend);
const monitor = createMonitor({
  clock: { now: () => Date.now() },
  wanted: () => what,
  containers: async () => [container()],
  keeper: () => ({ kind: 'running', detail: 'running' }),
  alive: { edge: async () => true, registry: async () => true },
  record: () => NOTHING,
  signal: new AbortController().signal,
  onSample: ({ target, at, outcome, detail }) => tell({ kind: 'look', key: target.key, at, outcome, detail }),
  onTransition: (transition) => tell({ kind: 'change', ...transition }),
});
const what = {
  ...service,
  monitors: [
    { ...http, name: 'page' },
    { ...http, name: 'another' },
    { ...http, name: 'slow', url: `http://127.0.0.1:${port}/slow` },
    { ...pace, name: 'port', kind: 'tcp', host: '127.0.0.1', port },
  ] as const,
};
await monitor.run();
