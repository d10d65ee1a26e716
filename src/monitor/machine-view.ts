/** The machine as the contract has it: now, and over the last day. */

import { availableParallelism, hostname, uptime } from 'node:os';
import process from 'node:process';
import { readFile } from 'node:fs/promises';

import type { Machine, Range } from '../contract/watch.ts';
import { isoTime } from '../kit/clock.ts';
import type { MachineMinuteRow, Metrics } from '../store/types.ts';
import { windowOf } from './history.ts';
import type { MachineNow, MachineWatch } from './machine.ts';

export interface MachineWanted {
  readonly metrics: Metrics;
  readonly watch: MachineWatch;
  readonly now: number;
  readonly range: Range;
  readonly daemon: { readonly startedAt: number; readonly version: string; readonly loopLagMs: number };
}

const HOUR_MS = 3_600_000;
/** What was written in less time says nothing of an hour. */
const ENOUGH_MS = 300_000;

export async function readMachine({ metrics, watch, now, range, daemon }: MachineWanted): Promise<Machine> {
  const window = windowOf(range, now);
  const [seen, rows, memoryBytes] = await Promise.all([watch.now(), metrics.machine(window), ownMemory()]);
  const points = new Map(rows.map((row) => [row.at, row]));
  const column = (value: (row: MachineMinuteRow) => number | undefined): (number | null)[] =>
    window.times.map((at) => {
      const row = points.get(at);
      return row === undefined ? null : (value(row) ?? null);
    });
  const { kind, detail, bytes, droppedMinutes } = metrics.state();
  return {
    at: isoTime(now),
    host: hostname(),
    cpu: { cores: availableParallelism(), used: seen.cpu ?? null },
    memory: seen.memory,
    disk: seen.disk,
    temperature: seen.temperature ?? null,
    written: { bytes: seen.writtenBytes, perHour: perHour(seen, now - daemon.startedAt) },
    uptimeSeconds: Math.floor(uptime()),
    daemon: { memoryBytes, loopLagMs: daemon.loopLagMs, startedAt: isoTime(daemon.startedAt), version: daemon.version },
    metrics: { state: kind, detail, bytes, droppedMinutes },
    history: {
      times: window.times.map((at) => at / 1000),
      cpu: column(({ cpu }) => Math.round(cpu * 1000) / 1000),
      memoryBytes: column((row) => row.memoryBytes),
      diskFreeBytes: column((row) => row.diskFreeBytes),
      temperature: column((row) => row.temperature),
      writtenBytes: column((row) => Math.round(row.writtenBytes / (window.stepMs / 60_000))),
    },
  };
}

function perHour({ writtenBytes }: MachineNow, ms: number): number | null {
  return ms < ENOUGH_MS ? null : Math.round((writtenBytes * HOUR_MS) / ms);
}

/** This process's share: what it has alone, and its part of what it shares. */
async function ownMemory(): Promise<number> {
  const text = await readFile('/proc/self/smaps_rollup', 'utf8').catch(() => '');
  const kilobytes = /^Pss:\s+(\d+)/m.exec(text)?.[1];
  return kilobytes === undefined ? process.memoryUsage.rss() : Number(kilobytes) * 1024;
}
