/** Measures what watching costs, beside Debian's Prometheus in the same run, and writes its section of docs/benchmarks.md. */

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { NODE_FLAGS } from '../src/instance/program.ts';
import { exec } from '../src/kit/exec.ts';
import { readMachine } from './machine.ts';
import { startPair } from './monitor/pair.ts';
import { start, workOf, type Running, type Work } from './monitor/proc.ts';
import { monitorSection, withSection, type Cost, type MonitorResults, type Sized } from './monitor/section.ts';
import type { Stalls } from './monitor/stalls.ts';

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '100,500,2000' },
    /** Measured minutes of each size. */
    minutes: { type: 'string', default: '3' },
    out: { type: 'string', default: resolve(import.meta.dirname, '../docs/benchmarks.md') },
    port: { type: 'string', default: '21990' },
    /** What else was so, for the page. */
    note: { type: 'string' },
  },
});
const WARM_UP_MS = 75_000;
const STALLS_MS = 90_000;
const HERE = join(import.meta.dirname, 'monitor');

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
const root = await mkdtemp('/var/tmp/antler-bench-');
try {
  const results = await measure();
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  await writeFile(values.out, withSection(await readFile(values.out, 'utf8'), monitorSection(results)));
} finally {
  await rm(root, { recursive: true, force: true });
}

async function measure(): Promise<MonitorResults> {
  const env = { NODE_COMPILE_CACHE: join(root, 'cache'), MALLOC_MMAP_THRESHOLD_: '65536' };
  const node = (file: string, ...args: readonly string[]): [string, ...string[]] => [
    process.execPath,
    ...NODE_FLAGS,
    join(HERE, file),
    ...args,
  ];
  await exec(node('watcher.ts', '0', '0', root, '0', '0', '0'), { signal: stop.signal, env });
  const measuredMs = Number(values.minutes) * 60_000;
  await using server = start(node('targets.ts'));
  const port = (await next(server)).trim();

  const measureSize = async (targets: number): Promise<Sized> => {
    say(`${targets} targets`);
    const folder = join(root, String(targets));
    await mkdir(folder);
    const urls = Array.from({ length: targets }, (_, index) => `http://127.0.0.1:${port}/${index}`);
    const times = [WARM_UP_MS, measuredMs, STALLS_MS].map(String);
    await using watcher = start(node('watcher.ts', String(targets), port, folder, ...times), env);
    const base = await stage<{ readonly pssBytes: number }>(watcher);
    const pair = await startPair({ folder, urls, port: Number(values.port), signal: stop.signal });
    await stage(watcher);
    const [before, pairBefore] = [workOf(watcher.pid), pair?.work()];
    const end = await stage<{ readonly pssBytes: number; readonly good: number; readonly other: number; readonly firstAllMs: number }>(
      watcher,
    );
    const [after, pairAfter] = [workOf(watcher.pid), pair?.work()];
    await pair?.[Symbol.asyncDispose]();
    const [control, stalls] = await Promise.all([
      exec([process.execPath, join(HERE, 'control.ts'), String(STALLS_MS - 2000)], { signal: stop.signal }),
      stage<Stalls>(watcher),
    ]);
    const day = await run<{ readonly minutesMs: number; readonly bytesPerHour: number; readonly databaseBytesPerDay: number }>(
      node('history.ts', 'day', String(targets), folder),
      env,
    );
    const sized: Sized = {
      targets,
      looks: end.good,
      failed: end.other,
      firstAllMs: end.firstAllMs,
      own: cost(before, after, measuredMs),
      onTopBytes: end.pssBytes - base.pssBytes,
      stalls,
      control: JSON.parse(control.stdout) as Stalls,
      flushMs: day.minutesMs,
      bytesPerHour: day.bytesPerHour,
      databaseBytesPerDay: day.databaseBytesPerDay,
      pair: pairBefore === undefined || pairAfter === undefined ? undefined : cost(pairBefore, pairAfter, measuredMs),
      pairVersion: pair?.version,
    };
    say(JSON.stringify(sized));
    return sized;
  };

  const year = await run<MonitorResults['year']>(node('history.ts', 'year', '0', root), env);
  say(JSON.stringify(year));
  const sizes: Sized[] = [];
  for (const size of values.sizes.split(',').map(Number)) sizes.push(await measureSize(size));
  return {
    at: new Date().toISOString(),
    machine: await readMachine(stop.signal),
    minutes: Number(values.minutes),
    sizes,
    year,
    ...(values.note === undefined ? {} : { note: values.note }),
  };
}

function cost(before: Work, after: Work, ms: number): Cost {
  return {
    cpuSecondsPerMinute: ((after.cpuSeconds - before.cpuSeconds) * 60_000) / ms,
    pssBytes: after.pssBytes,
    storageBytesPerHour: ((after.writtenBytes - before.writtenBytes) * 3_600_000) / ms,
  };
}

async function run<T>(argv: readonly [string, ...string[]], env: Readonly<Record<string, string>>): Promise<T> {
  return JSON.parse((await exec(argv, { signal: stop.signal, env })).stdout) as T;
}

async function stage<T>(process: Running): Promise<T> {
  return JSON.parse(await next(process)) as T;
}

async function next({ lines }: Running): Promise<string> {
  const line = await Promise.race([lines.next(), pause(900_000, undefined, { signal: stop.signal, ref: false })]);
  if (line === undefined || line.done === true) throw new Error('a measured process ended early');
  return line.value;
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
