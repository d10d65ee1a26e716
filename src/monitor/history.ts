/** History as the contract has it, for charts: columns over the same times, by release and by check. */

import { isoTime } from '../kit/clock.ts';
import type { History, Range } from '../contract/watch.ts';
import { histogramPercentile } from '../store/store.ts';
import type { Metrics, ProbePoint, TrafficPoint, TransitionRow } from '../store/types.ts';
import type { ServiceName } from './lately.ts';
import { addTraffic, MINUTE_MS, releaseNumber } from './minutes.ts';

export interface HistoryWanted extends ServiceName {
  readonly range: Range;
  readonly now: number;
  /** The environment's rollouts since `from`, and more: those outside of the window are left out. */
  readonly deploys: (from: number) => readonly {
    readonly at: number;
    readonly release: string;
    readonly kind: 'deploy' | 'promote' | 'rollback';
    readonly verdict: string;
  }[];
}

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** As many points as a chart can show, of minutes, hours or days. */
const RANGES: Readonly<Record<Range, { readonly ms: number; readonly stepMs: number }>> = {
  '1h': { ms: HOUR_MS, stepMs: MINUTE_MS },
  '6h': { ms: 6 * HOUR_MS, stepMs: 2 * MINUTE_MS },
  '1d': { ms: DAY_MS, stepMs: 10 * MINUTE_MS },
  '7d': { ms: 7 * DAY_MS, stepMs: HOUR_MS },
  '30d': { ms: 30 * DAY_MS, stepMs: 4 * HOUR_MS },
  '1y': { ms: 365 * DAY_MS, stepMs: DAY_MS },
};

/** More releases than these are one series, named `older`; of more replicas than these only the whole check is told. */
const RELEASES = 8;
const REPLICAS = 8;
/** In a longer time there were more replicas than a chart can tell apart. */
const TOGETHER_MS = 8 * DAY_MS;
export const OLDER = 'older';

export interface Window {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** Begin of each point, ms. */
  readonly times: readonly number[];
}

/** The point that holds `now` is the last one. Pure. */
export function windowOf(range: Range, now: number): Window {
  const { ms, stepMs } = RANGES[range];
  const to = Math.floor(now / stepMs) * stepMs + stepMs;
  const from = to - ms;
  return { from, to, stepMs, times: Array.from({ length: ms / stepMs }, (_, index) => from + index * stepMs) };
}

export async function readHistory(metrics: Pick<Metrics, 'probes' | 'traffic' | 'transitions'>, wanted: HistoryWanted): Promise<History> {
  const { environment, service, now } = wanted;
  const window = windowOf(wanted.range, now);
  const query = {
    environment,
    service,
    from: window.from,
    to: window.to,
    stepMs: window.stepMs,
    together: window.to - window.from > TOGETHER_MS,
  };
  const [probes, traffic, transitions] = await Promise.all([metrics.probes(query), metrics.traffic(query), metrics.transitions(query)]);
  return {
    environment,
    service,
    from: isoTime(window.from),
    to: isoTime(window.to),
    stepMs: window.stepMs,
    times: window.times.map((at) => at / 1000),
    traffic: trafficSeries(traffic, window, now),
    probes: probeSeries(probes, window),
    deploys: wanted
      .deploys(window.from)
      .filter(({ at }) => at >= window.from && at < window.to)
      .map(({ at, release, kind, verdict }) => ({ at: isoTime(at), release, kind, verdict })),
    transitions: transitions.map((row) => transitionOf(row)),
  };
}

function transitionOf({ at, from, to, release, reason }: TransitionRow): History['transitions'][number] {
  return { at: isoTime(at), from, to, release, reason };
}

/** By release, the newest last. Pure. */
export function trafficSeries(points: readonly TrafficPoint[], { times, stepMs }: Window, now: number): History['traffic'] {
  const names = [...new Set(points.map(({ release }) => release))].sort((a, b) => releaseNumber(a) - releaseNumber(b));
  const shown = new Set(names.slice(-RELEASES));
  const series = new Map<string, Map<number, TrafficPoint>>();
  for (const name of [...(shown.size < names.length ? [OLDER] : []), ...names.filter((each) => shown.has(each))])
    series.set(name, new Map());
  for (const point of points) {
    const columns = series.get(shown.has(point.release) ? point.release : OLDER);
    const old = columns?.get(point.at);
    columns?.set(point.at, old === undefined ? point : addTraffic(old, point));
  }
  return [...series].map(([release, columns]) => {
    const column = (value: (point: TrafficPoint) => number | undefined): (number | null)[] =>
      times.map((at) => {
        const point = columns.get(at);
        return point === undefined || point.requests === 0 ? null : tidy(value(point));
      });
    return {
      release,
      // the last point is not over yet
      requests: column(({ at, requests }) => (requests * 1000) / Math.max(1000, Math.min(stepMs, now - at))),
      errorRatio: column(({ requests, errors, lost }) => (errors + lost) / requests),
      p50: column(({ histogram }) => histogramPercentile(histogram, 50)),
      p95: column(({ histogram }) => histogramPercentile(histogram, 95)),
    };
  });
}

interface ProbeSum {
  up: number;
  down: number;
  sumMs: number;
}

/** By check, replica and release; where they are too many to be told apart, by check. Pure. */
export function probeSeries(points: readonly ProbePoint[], { times }: Window): History['probes'] {
  const replicas = new Map<string, Set<string>>();
  const nameOf = ({ replica, release }: ProbePoint): string => `${replica}\0${release}`;
  for (const point of points) {
    const names = replicas.get(point.check) ?? new Set();
    replicas.set(point.check, names.add(nameOf(point)));
  }
  const series = new Map<
    string,
    { readonly check: string; readonly replica: string; readonly release: string; readonly sums: Map<number, ProbeSum> }
  >();
  for (const point of points) {
    const { check, at, up, down, sumMs } = point;
    const many = (replicas.get(check)?.size ?? 0) > REPLICAS;
    const key = many ? check : `${check}\0${nameOf(point)}`;
    let each = series.get(key);
    if (each === undefined) {
      each = { check, replica: many ? '' : point.replica, release: many ? '' : point.release, sums: new Map() };
      series.set(key, each);
    }
    const old = each.sums.get(at);
    each.sums.set(at, { up: up + (old?.up ?? 0), down: down + (old?.down ?? 0), sumMs: sumMs + (old?.sumMs ?? 0) });
  }
  return [...series.values()].map(({ check, replica, release, sums }) => ({
    check,
    replica,
    release,
    ok: times.map((at) => {
      const sum = sums.get(at);
      return sum === undefined || sum.up + sum.down === 0 ? null : tidy(sum.up / (sum.up + sum.down));
    }),
    ms: times.map((at) => {
      const sum = sums.get(at);
      return sum === undefined || sum.up === 0 ? null : tidy(sum.sumMs / sum.up);
    }),
  }));
}

function tidy(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value * 10_000) / 10_000;
}
