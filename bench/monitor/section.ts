/** The section of docs/benchmarks.md about watching, from results. Pure. */

import type { Machine } from '../results.ts';
import { machineLines } from '../page.ts';
import { median } from '../starts.ts';
import type { Stalls } from './stalls.ts';

export interface Cost {
  readonly cpuSecondsPerMinute: number;
  readonly pssBytes: number;
  readonly storageBytesPerHour: number;
}

export interface Sized {
  readonly targets: number;
  readonly looks: number;
  readonly failed: number;
  /** Until every target had been looked at once. */
  readonly firstAllMs: number;
  readonly own: Cost;
  /** Pss above what the daemon has loaded anyway. */
  readonly onTopBytes: number;
  readonly stalls: Stalls;
  /** Of a process that does nothing, at the same time. */
  readonly control: Stalls;
  /** One minute's rows, from the call to the answer. */
  readonly flushMs: number;
  /** Handed to write(), hours and housekeeping included. */
  readonly bytesPerHour: number;
  readonly databaseBytesPerDay: number;
  readonly pair: Cost | undefined;
  readonly pairVersion: string | undefined;
}

export interface MonitorResults {
  readonly at: string;
  readonly machine: Machine;
  readonly minutes: number;
  /** What else was so in this run. */
  readonly note?: string;
  readonly sizes: readonly Sized[];
  readonly year: { readonly ms: readonly number[]; readonly stallMs: number; readonly releases: number; readonly jsonBytes: number };
}

const MB = 1024 * 1024;
const TITLE = '## Watching';
/** The size that the goals are set for. */
const GOALS_AT = 500;
const GOAL = { cpu: 0.5, onTop: 40 * MB, bytes: 5 * MB, stallMs: 20, yearMs: 50 };

export function monitorSection({ at, machine, minutes, note, sizes, year }: MonitorResults): string {
  const column = (value: (size: Sized) => string): string => sizes.map((size) => ` ${value(size)} |`).join('');
  const goal = (size: Sized, met: boolean): string => (size.targets === GOALS_AT ? ` ${met ? '✓' : '✗'}` : '');
  const pair = (value: (cost: Cost) => string) => column(({ pair: cost }) => (cost === undefined ? '–' : value(cost)));
  const version = sizes.find((size) => size.pairVersion !== undefined)?.pairVersion;
  const yearMs = median(year.ms);
  return `${TITLE}

Measured with \`node bench/monitor.ts\`: HTTP targets on loopback, each looked at every 20 s over a new connection, ${minutes} minutes of each size after the first ones; beside Debian's Prometheus ${version ?? '(not installed)'} with blackbox_exporter, which
watches the same targets as often at the same time. The monitor runs in a process of its own that has loaded what the daemon loads; “on top” is what it has more then. Stalls of the event loop are measured after that, beside a process that does nothing. Goals are for ${GOALS_AT} targets.

${machineLines(machine, at)}${note === undefined ? '' : ` · ${note}`}

| | goal |${column(({ targets }) => String(targets))}
| --- | --- |${sizes.map(() => ' --- |').join('')}
| looks, failed | 0 failed |${column(({ looks, failed }) => `${looks}, ${failed}`)}
| every target looked at once, after | ≤ 20 s |${column(({ firstAllMs }) => `${(firstAllMs / 1000).toFixed(1)} s`)}
| processor, seconds a minute | ≤ ${GOAL.cpu} |${column((size) => `${size.own.cpuSecondsPerMinute.toFixed(2)}${goal(size, size.own.cpuSecondsPerMinute <= GOAL.cpu)}`)}
| – Prometheus and exporter | |${pair((cost) => cost.cpuSecondsPerMinute.toFixed(2))}
| memory on top | ≤ 40 MB |${column((size) => `${megabytes(size.onTopBytes)}${goal(size, size.onTopBytes <= GOAL.onTop)}`)}
| – Prometheus and exporter, whole | |${pair((cost) => megabytes(cost.pssBytes))}
| written an hour, with hours and housekeeping | ≤ 5 MB |${column((size) => `${megabytes(size.bytesPerHour)}${goal(size, size.bytesPerHour <= GOAL.bytes)}`)}
| – to storage in those minutes, times 60 | |${column(({ own }) => megabytes(own.storageBytesPerHour))}
| – Prometheus and exporter | |${pair((cost) => megabytes(cost.storageBytesPerHour))}
| longest stall of the event loop (p99.9) | ≤ 20 ms |${column((size) => `${stalls(size.stalls)}${goal(size, size.stalls.maxMs <= GOAL.stallMs)}`)}
| – of a process that does nothing | |${column(({ control }) => stalls(control))}
| one minute's rows written in | |${column(({ flushMs }) => `${flushMs.toFixed(1)} ms`)}
| \`metrics.db\` grows a day | |${column(({ databaseBytesPerDay }) => megabytes(databaseBytesPerDay))}

A year of one service with a release a day (${year.releases} of two replicas) as a chart: ${yearMs.toFixed(0)} ms, ${Math.min(...year.ms).toFixed(0)} at best (goal ≤ ${GOAL.yearMs} ms ${yearMs <= GOAL.yearMs ? '✓' : '✗'}), median of ${year.ms.length}; ${Math.round(year.jsonBytes / 1024)} kB of JSON; the event loop stands still for ${year.stallMs.toFixed(0)} ms at most meanwhile.
`;
}

/** The page with this section in place of its old one, else at its end. */
export function withSection(page: string, section: string): string {
  const begin = page.indexOf(`${TITLE}\n`);
  if (begin === -1) return `${page.trimEnd()}\n\n${section}`;
  const end = page.indexOf('\n## ', begin + 1);
  return end === -1 ? page.slice(0, begin) + section : `${page.slice(0, begin)}${section}${page.slice(end)}`;
}

/** The section of a page; undefined where it has none. */
export function sectionIn(page: string): string | undefined {
  const begin = page.indexOf(`${TITLE}\n`);
  if (begin === -1) return undefined;
  const end = page.indexOf('\n## ', begin + 1);
  return page.slice(begin, end === -1 ? undefined : end + 1);
}

function stalls({ maxMs, p999Ms }: Stalls): string {
  return `${maxMs.toFixed(0)} ms (${p999Ms.toFixed(0)})`;
}

function megabytes(bytes: number): string {
  return `${(bytes / MB).toFixed(1)} MB`;
}
