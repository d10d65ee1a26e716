/** Writes minutes and transitions as fast as it can until it is killed; a line for each transition that was answered. */

import process from 'node:process';

import { openMetrics } from '../../../src/store/store.ts';

const START = Date.UTC(2026, 5, 1, 12);
const metrics = await openMetrics(process.argv[2] ?? '', { keepHouse: false, reserveBytes: 0 });
for (let count = 0; ; count++) {
  const at = START + count * 60_000;
  const probes = Array.from({ length: 300 }, (_, index) => ({
    environment: 'prod',
    service: 'web',
    release: 'r1',
    replica: `${index}`,
    check: 'direct',
    up: 3,
    down: 0,
    late: 0,
    sumMs: 6,
    minMs: 1,
    maxMs: 3,
  }));
  void metrics.minute({ at, probes, traffic: [], machine: undefined });
  await metrics.transition({ environment: 'prod', service: 'web', release: 'r1', at, from: 'up', to: 'down', reason: '', evidence: '' });
  process.stdout.write('\n');
}
