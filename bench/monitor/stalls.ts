/** How long an event loop stands still. The measurement wakes it a hundred times a second: not while the processor's time is measured. */

import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const RESOLUTION_MS = 10;

export interface Stalls {
  readonly maxMs: number;
  readonly p999Ms: number;
}

export async function measureStalls(ms: number): Promise<Stalls> {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  await pause(ms);
  delay.disable();
  const over = (value: number): number => Math.max(0, value / 1e6 - RESOLUTION_MS);
  return { maxMs: over(delay.max), p999Ms: over(delay.percentile(99.9)) };
}
