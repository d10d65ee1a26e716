/**
 * The monitor as the daemon has it, in a process of its own: what the daemon loads anyway, then monitor and history on top of it.
 * `node watcher.ts <targets> <port> <folder> <warm-up, measured and stall ms>`; a line of JSON at each stage.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

import type { Sample } from '../../src/monitor/types.ts';
import { measureStalls } from './stalls.ts';

const [count = 0, port = 0] = process.argv.slice(2, 4).map(Number);
const folder = process.argv[4] ?? '';
const [warmUpMs = 0, measuredMs = 0, stallsMs = 0] = process.argv.slice(5).map(Number);
const INTERVAL_MS = 20_000;

function pss(): number {
  return Number(/^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1] ?? 0) * 1024;
}

function tell(stage: string, values: Readonly<Record<string, unknown>> = {}): void {
  process.stdout.write(`${JSON.stringify({ stage, ...values })}\n`);
}

// What the daemon has anyway.
await Promise.all([
  import('../../src/api/api.ts'),
  import('../../src/actions/actions.ts'),
  import('../../src/config/config.ts'),
  import('../../src/edge/edge.ts'),
  import('../../src/engines/engines.ts'),
  import('../../src/instance/instance.ts'),
  import('../../src/releases/releases.ts'),
]);
await pause(count === 0 ? 0 : 5000);
tell('base', { pssBytes: pss() });

const [{ createMonitor, createRecorder, watchMachine }, { openMetrics }] = await Promise.all([
  import('../../src/monitor/monitor.ts'),
  import('../../src/store/store.ts'),
]);
if (count === 0) process.exit(0); // it is compiled now

const stop = new AbortController();
const clock = { now: () => Date.now() };
const metrics = await openMetrics(join(folder, 'metrics.db'), { clock, log: (line) => process.stderr.write(`${line}\n`) });
const machine = watchMachine({ folder });
const recorder = createRecorder({ metrics, clock, machine: async () => machine.minute() });
const seen = new Set<string>();
const counts = { good: 0, other: 0 };
let firstAllMs: number | undefined;
const startedAt = performance.now();
const onSample = (sample: Sample): void => {
  recorder.sample(sample);
  counts[sample.outcome === 'good' ? 'good' : 'other']++;
  seen.add(sample.target.key);
  if (seen.size >= count) firstAllMs ??= performance.now() - startedAt;
};
const wanted = {
  services: [],
  rollouts: [],
  monitors: Array.from({ length: count }, (_, index) => ({
    kind: 'http' as const,
    name: `target-${index}`,
    url: `http://127.0.0.1:${port}/${index}`,
    status: [[200, 299]] as const,
    headers: {},
    intervalMs: INTERVAL_MS,
    timeoutMs: 5000,
    lateMs: 2500,
  })),
};
const monitor = createMonitor({
  clock,
  signal: stop.signal,
  wanted: () => wanted,
  containers: async () => [],
  keeper: () => ({ kind: 'running', detail: '' }),
  alive: { edge: async () => true, registry: async () => true },
  record: () => ({ app: 'bench', at: '', approvals: [], environments: [], monitors: [], parts: [], incidents: [], notices: [] }),
  onSample,
});
const running = [monitor.run(), recorder.run(stop.signal)];
await pause(warmUpMs);
counts.good = 0;
counts.other = 0;
tell('begin');
await pause(measuredMs);
tell('end', { pssBytes: pss(), good: counts.good, other: counts.other, firstAllMs });
const stalls = await measureStalls(stallsMs);
tell('stalls', { ...stalls, state: metrics.state() });
stop.abort();
await Promise.all(running);
await metrics[Symbol.asyncDispose]();
