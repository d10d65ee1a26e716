/** Writes minutes and transitions as fast as it can until it is killed; a line for each transition that was answered. */

import process from 'node:process';

import { minuteOf, NOON, transitionAt } from '../../../src/store/metrics/fixtures.ts';
import { openMetrics } from '../../../src/store/store.ts';

const metrics = await openMetrics(process.argv[2] ?? '', { keepHouse: false, reserveBytes: 0 });
for (let count = 0; ; count++) {
  const at = NOON + count * 60_000;
  void metrics.minute(minuteOf(at, 300));
  await metrics.transition(transitionAt(at));
  process.stdout.write('\n');
}
