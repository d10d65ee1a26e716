/** Run without a network: what the monitor thinks of targets outside, as JSON. */

import { createProbes } from '../../../src/monitor/probes/probes.ts';
import { createSelf, systemClocks } from '../../../src/monitor/self.ts';
import { planTargets } from '../../../src/monitor/targets.ts';

const stop = new AbortController();
const base = { intervalMs: 20_000, timeoutMs: 1000 };
const http = { ...base, kind: 'http', status: [[200, 399]], headers: {}, lateMs: 500 } as const;
const targets = planTargets({
  services: [],
  monitors: [
    { ...http, name: 'by name', url: 'http://shop.example/' },
    { ...http, name: 'by address', url: 'http://192.0.2.7/' },
    { ...base, name: 'port', kind: 'tcp', host: 'db.example', port: 5432 },
    { ...base, name: 'certificate', kind: 'tls', host: 'shop.example', port: 443, days: 14 },
    { ...base, name: 'record', kind: 'dns', host: 'shop.example', type: 'A' },
  ],
});
const probes = createProbes({
  clock: { now: () => Date.now() },
  self: createSelf(systemClocks(stop.signal)),
  container: () => undefined,
  part: async () => undefined,
});
const samples = await Promise.all(targets.map(async (target) => probes.look(target, { before: undefined, signal: stop.signal })));
for (const sample of samples) {
  if (sample !== undefined) process.stdout.write(`${JSON.stringify([sample.target.id.service, sample.outcome, sample.detail])}\n`);
}
stop.abort();
