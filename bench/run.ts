/** Measures an instance of its own, from nothing to nothing, and writes docs/benchmarks.md. Needs root and the packages that `up` needs. */

import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { measureActions } from './actions.ts';
import { createAntler, type Antler } from './antler.ts';
import { readMachine } from './machine.ts';
import { measureIdle, memoryOf } from './idle.ts';
import { readMetrics } from './metrics.ts';
import { sectionIn, withSection } from './monitor/section.ts';
import { pageOf } from './page.ts';
import { measurePaint } from './paint.ts';
import { processesOf } from './processes.ts';
import { measurePushes } from './pushes.ts';
import type { Memory, Results } from './results.ts';
import { rolloutsUnderLoad, timeRollouts } from './rollouts.ts';
import { measureStarts } from './starts.ts';

const { values } = parseArgs({
  options: {
    /** Minutes of idleness that the processor's time and writes are measured in; 60 have an hour's roll-up in them. */
    minutes: { type: 'string', default: '3' },
    pairs: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '5' },
    /** Seconds of load, at least. */
    seconds: { type: 'string', default: '30' },
    connections: { type: 'string', default: '24' },
    offset: { type: 'string', default: '21000' },
    out: { type: 'string', default: resolve(import.meta.dirname, '../docs/benchmarks.md') },
  },
});

/** After the last command: logs are written out, and the engine's socket, which is there on demand, has gone. */
const SETTLE_MS = 90_000;

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

const root = await mkdtemp('/var/tmp/antler-bench-');
await chmod(root, 0o755); // builds and the config's sandbox are nobody: they must be let through
try {
  const results = await measure(root, stop.signal);
  const watching = sectionIn(await readFile(values.out, 'utf8').catch(() => ''));
  await writeFile(values.out, watching === undefined ? pageOf(results) : withSection(pageOf(results), watching));
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  say(`wrote ${values.out}`);
} finally {
  await rm(root, { recursive: true, force: true });
}

async function measure(folder: string, signal: AbortSignal): Promise<Results> {
  const antler = await createAntler({
    home: join(folder, 'home'),
    directory: join(folder, 'sample'),
    portOffset: Number(values.offset),
    signal,
  });
  try {
    const coldMs = await timed('up, cold', antler, ['up', '--yes']);
    const againMs: number[] = [];
    for (const turn of [1, 2, 3, 4, 5]) againMs.push(await timed(`up, again (${turn})`, antler, ['up', '--yes']));
    say('starts of commands');
    const starts = await measureStarts(antler, Number(values.pairs), signal);

    for (const { command, ratio } of starts) say(`${command}: ${ratio.toFixed(1)}x`);

    say('workflows on the machine itself');
    const actions = await measureActions(Number(values.pairs), signal);

    const origin = await consoleOf(antler);
    say('idle');
    await pause(SETTLE_MS, undefined, { signal });
    const idle = await measureIdle(antler, { minutes: Number(values.minutes), origin, folder, signal });
    say(
      `idle: ${Math.round(sumOf(idle.memory) / 1024 / 1024)} MB, ${((idle.cpu['daemon'] ?? 0) * 100).toFixed(2)} % of a core in the daemon`,
    );

    const paint = await measurePaint(antler, Number(values.rounds));
    say(`first paint: ${paint?.ms.map(Math.round).join(', ') ?? 'no Chromium'}`);

    // before any other release: what is timed is coming up, not a promotion with its soak and bakes
    await timed('down', antler, ['down', '--yes']);
    const warmMs = await timed('up, warm', antler, ['up', '--yes']);

    say('rollouts');
    const rollouts = await timeRollouts(antler, Number(values.rounds), signal);
    for (const { release, commandMs, parts } of rollouts) say(`${release}: ${commandMs} ms, of which ${JSON.stringify(parts)}`);
    say('rollouts under load');
    let busiest: Memory = { platform: {}, apps: 0 };
    let loopLagMs = 0;
    const loaded = await rolloutsUnderLoad(antler, {
      seconds: Number(values.seconds),
      connections: Number(values.connections),
      signal,
      onDeployed: async () => {
        const now = memoryOf(await processesOf(antler));
        if (sumOf(now) > sumOf(busiest)) busiest = now;
        loopLagMs = Math.max(loopLagMs, (await readMetrics(origin, signal)).loopLagMs);
      },
    });

    say(`${loaded.load.sent} requests, ${loaded.load.lost} lost`);

    say('pushes');
    const pushes = await measurePushes(antler, Number(values.rounds), signal);

    const machine = await readMachine(signal);
    return {
      at: new Date().toISOString(),
      machine,
      up: { coldMs, againMs, warmMs },
      starts,
      actions,
      rollouts,
      loaded,
      pushes,
      idle,
      busiest: { memory: busiest, loopLagMs },
      paint,
    };
  } finally {
    await removeInstance(folder, antler.directory);
  }
}

/** Also when the measurement was interrupted or failed: nothing of it stays on the machine. */
async function removeInstance(folder: string, directory: string): Promise<void> {
  const signal = AbortSignal.timeout(300_000);
  const antler = await createAntler({ home: join(folder, 'home'), directory, portOffset: Number(values.offset), signal });
  await timed('down, purged', antler, ['down', '--purge', '--yes']);
  const left = await processesOf(antler);
  if (left.length > 0) say(`left behind: ${left.map(({ pid, part }) => `${part} ${pid}`).join(', ')}`);
}

/** Where the console listens, for whoever is on this machine. */
async function consoleOf(antler: Antler): Promise<string> {
  const { url } = (await antler.run(['console'])).objects.at(-1) as { readonly url: string };
  return `http://127.0.0.1:${new URL(url).port}`;
}

function sumOf({ platform }: Memory): number {
  return Object.values(platform).reduce((sum, bytes) => sum + bytes, 0);
}

async function timed(what: string, antler: Antler, args: readonly string[]): Promise<number> {
  const { ms } = await antler.run(args);
  say(`${what}: ${(ms / 1000).toFixed(2)} s`);
  return ms;
}

function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`);
}
