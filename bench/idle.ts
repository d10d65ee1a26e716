/** An instance of which nobody asks anything: what it has in memory, what of the processor it takes, what it writes, and how long its daemon stands still. */

import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

import { exec } from '../src/kit/exec.ts';
import type { Antler } from './antler.ts';
import { readMetrics } from './metrics.ts';
import { grownBetween, processesOf, type OwnProcess } from './processes.ts';
import type { Idle, Memory } from './results.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** The history rolls an hour up when its last minute has been written for sure. */
const ROLLED_UP_MS = 2 * MINUTE;

export interface IdleOptions {
  readonly minutes: number;
  /** Where the console listens. */
  readonly origin: string;
  /** Of this measurement; for a history of its own. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

export async function measureIdle(antler: Antler, { minutes, origin, folder, signal }: IdleOptions): Promise<Idle> {
  const from = Date.now();
  const before = await processesOf(antler);
  // looked at only once, at the end: who is asked is not idle
  await pause(minutes * MINUTE, undefined, { signal });
  const after = await processesOf(antler);
  const to = Date.now();
  const { loopLagMs, targets } = await readMetrics(origin, signal);
  const share = (parts: Readonly<Record<string, number>>, times: number): Readonly<Record<string, number>> =>
    Object.fromEntries(Object.entries(parts).map(([part, value]) => [part, value * times]));
  return {
    minutes,
    cpu: share(grownBetween('cpuSeconds', before, after), 1000 / (to - from)),
    written: share(grownBetween('writtenBytes', before, after), HOUR / (to - from)),
    rolledUp: rollsUpBetween(from, to),
    loopLagMs,
    history: { targets, bytesPerHour: await hourOf(targets, folder, signal) },
    memory: memoryOf(after),
  };
}

/** Whether the history made an hour of minutes in that time. Pure. */
export function rollsUpBetween(from: number, to: number): boolean {
  return Math.floor((from - ROLLED_UP_MS) / HOUR) !== Math.floor((to - ROLLED_UP_MS) / HOUR);
}

/** What the history writes an hour for so many targets, its hours and its housekeeping included: 26 of them, written as fast as they can be. */
async function hourOf(targets: number, folder: string, signal: AbortSignal): Promise<number> {
  const { stdout } = await exec([process.execPath, join(import.meta.dirname, 'monitor/history.ts'), 'day', String(targets), folder], {
    signal,
    timeoutMs: 10 * MINUTE,
  });
  return (JSON.parse(stdout) as { readonly bytesPerHour: number }).bytesPerHour;
}

export function memoryOf(processes: readonly OwnProcess[]): Memory {
  const platform: Record<string, number> = {};
  let apps = 0;
  for (const { part, app, pssBytes } of processes) {
    if (app) apps += pssBytes;
    else platform[part] = (platform[part] ?? 0) + pssBytes;
  }
  return { platform, apps };
}
