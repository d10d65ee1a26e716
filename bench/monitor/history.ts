/** The history on its own: what two days of minutes write, and how long a year takes to be a chart. `node history.ts day|year <targets> <folder>`. */

import { join } from 'node:path';
import { statSync } from 'node:fs';
import process from 'node:process';

import { readHistory } from '../../src/monitor/monitor.ts';
import { openMetrics } from '../../src/store/store.ts';
import type { ClosedMinute } from '../../src/store/types.ts';
import { measureStalls } from './stalls.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 1);
/** A year has a release a day, of two replicas. */
const REPLICAS = [1, 2];

const [what = '', count = '', folder = ''] = process.argv.slice(2);
let now = START;
const metrics = await openMetrics(join(folder, `${what}.db`), { clock: { now: () => now }, keepHouse: true });
if (what === 'day') process.stdout.write(`${JSON.stringify(await writeDay(Number(count)))}\n`);
else process.stdout.write(`${JSON.stringify(await readYear())}\n`);
await metrics[Symbol.asyncDispose]();

interface Day {
  readonly minutesMs: number;
  readonly bytesPerHour: number;
  readonly databaseBytesPerDay: number;
}

/** Hours pass as fast as they can be written; the process that keeps house runs after each. */
async function writeDay(targets: number): Promise<Day> {
  const hours = 26;
  let ms = 0;
  for (let minute = 0; minute < hours * 60; minute++) {
    now = START + (minute + 1) * MINUTE;
    const from = performance.now();
    await metrics.minute(minuteOf(now - MINUTE, targets));
    ms += performance.now() - from;
    if (minute % 60 === 3) await houseKept(Math.floor(minute / 60));
  }
  return {
    minutesMs: ms / (hours * 60),
    bytesPerHour: metrics.state().writtenBytes / hours,
    databaseBytesPerDay: (statSync(join(folder, `${what}.db`)).size / hours) * 24,
  };
}

/** Its bytes are counted when it has ended. */
async function houseKept(hour: number): Promise<void> {
  if (hour === 0) return;
  const before = metrics.state().writtenBytes;
  for (let turn = 0; turn < 1000 && metrics.state().writtenBytes === before; turn++)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

function minuteOf(at: number, targets: number): ClosedMinute {
  const probes = Array.from({ length: targets }, (_, index) => {
    const ms = 1 + ((index * 7919 + at / MINUTE) % 40) / 10;
    const [minMs, maxMs] = [ms * 0.8, ms * 1.3];
    return {
      environment: '',
      service: `target-${index}`,
      release: '',
      replica: '',
      check: 'http',
      up: 3,
      down: 0,
      late: 0,
      sumMs: minMs + ms + maxMs,
      minMs,
      maxMs,
    };
  });
  return { at, probes, traffic: [], machine: { cpu: 0.1, memoryBytes: 1e9, diskFreeBytes: 1e10, temperature: 50, writtenBytes: 40_000 } };
}

interface Year {
  readonly ms: readonly number[];
  readonly stallMs: number;
  readonly releases: number;
  readonly jsonBytes: number;
}

/** A minute of each hour, with traffic: rolled up as any year. */
async function readYear(): Promise<Year> {
  const days = 365;
  for (let hour = 0; hour < days * 24; hour++) {
    const release = `r${Math.floor(hour / 24) + 1}`;
    const at = START + hour * HOUR;
    now = at + MINUTE;
    const common = { environment: 'prod', service: 'web', release, up: 30, down: 0, late: 0, sumMs: 300, minMs: 8, maxMs: 20 };
    await metrics.minute({
      at,
      probes: [
        { ...common, replica: '', check: 'edge' },
        ...REPLICAS.flatMap((replica) =>
          ['direct', 'container'].map((check) => ({ ...common, replica: `${release}.${replica}.${Math.floor(hour / 24)}`, check })),
        ),
      ],
      traffic: [
        { environment: 'prod', service: 'web', release, requests: 3600, errors: 3, lost: 0, histogram: [100, 500, 2000, 900, 90, 9, 1] },
      ],
      machine: undefined,
    });
  }
  now = START + days * DAY + 5 * MINUTE;
  // the first may find a housekeeper at work; after the last one all is rolled up
  for (let turn = 0; turn < 3; turn++) {
    now += HOUR;
    await metrics.minute(minuteOf(now, 1));
    await houseKept(1);
  }
  const ms: number[] = [];
  const stalls = measureStalls(2000);
  let jsonBytes = 0;
  for (let turn = 0; turn < 15; turn++) {
    const from = performance.now();
    const found = await readHistory(metrics, { environment: 'prod', service: 'web', range: '1y', now, deploys: () => [] });
    ms.push(performance.now() - from);
    jsonBytes = JSON.stringify(found).length;
  }
  const { maxMs } = await stalls;
  return { ms, stallMs: maxMs, releases: days, jsonBytes };
}
