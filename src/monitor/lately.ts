/** The last hour of each service, in memory, for the board: answering it asks no database. */

import type { Status } from '../contract/status.ts';
import { histogramPercentile } from '../store/store.ts';
import type { ProbePoint, TrafficMinuteRow, TrafficPoint } from '../store/types.ts';
import { addTraffic, MINUTE_MS, minuteBegin, releaseNumber } from './minutes.ts';
import type { Sample } from './types.ts';

type StatusService = Status['environments'][number]['services'][number];

/** What the board shows of a service's last time. */
export type Lately = Pick<StatusService, 'requestsPerSecond' | 'errorRatio' | 'latencyMs' | 'versions' | 'spark'>;

export interface Board {
  sample(sample: Sample): void;
  traffic(rows: readonly TrafficMinuteRow[], at: number): void;
  /** What was written before the daemon started again. */
  restore(service: ServiceName, probes: readonly ProbePoint[], traffic: readonly TrafficPoint[]): void;
  lately(service: ServiceName, now: number): Lately;
  /** Forgets what is older than an hour. */
  sweep(now: number): void;
}

export interface ServiceName {
  readonly environment: string;
  readonly service: string;
}

/** The check whose times and share of good ones stand for the service: what its callers get. */
export const EDGE_CHECK = 'edge';
const SPARK_MINUTES = 60;
const WINDOW_MINUTES = 5;

interface Minute {
  up: number;
  sumMs: number;
  /** Of the checks through the edge. */
  readonly times: number[];
  readonly traffic: Map<string, TrafficMinuteRow>;
}

export function createBoard(): Board {
  const services = new Map<string, Map<number, Minute>>();

  const minutesOf = ({ environment, service }: ServiceName): Map<number, Minute> => {
    const key = `${environment}/${service}`;
    let minutes = services.get(key);
    if (minutes === undefined) services.set(key, (minutes = new Map()));
    return minutes;
  };
  const minuteOf = (name: ServiceName, at: number): Minute => {
    const minutes = minutesOf(name);
    const begin = minuteBegin(at);
    let minute = minutes.get(begin);
    if (minute === undefined) minutes.set(begin, (minute = { up: 0, sumMs: 0, times: [], traffic: new Map() }));
    return minute;
  };
  const addRow = (row: TrafficMinuteRow, at: number): void => {
    const { traffic } = minuteOf(row, at);
    const old = traffic.get(row.release);
    traffic.set(row.release, old === undefined ? row : addTraffic(old, row));
  };
  const window = (name: ServiceName, now: number): { readonly minutes: readonly Minute[]; readonly seconds: number } => {
    const current = minuteBegin(now);
    const all = minutesOf(name);
    const begins = Array.from({ length: WINDOW_MINUTES + 1 }, (_, index) => current - index * MINUTE_MS);
    const minutes = begins.flatMap((begin) => all.get(begin) ?? []);
    return { minutes, seconds: WINDOW_MINUTES * 60 + (now - current) / 1000 };
  };
  const byRelease = (minutes: readonly Minute[]): Map<string, TrafficMinuteRow> => {
    const sums = new Map<string, TrafficMinuteRow>();
    for (const { traffic } of minutes) {
      for (const [release, row] of traffic) {
        const old = sums.get(release);
        sums.set(release, old === undefined ? row : addTraffic(old, row));
      }
    }
    return sums;
  };

  return {
    sample({ target, outcome, ms, at }) {
      if (target.id.check !== EDGE_CHECK || (outcome !== 'good' && outcome !== 'late')) return;
      const minute = minuteOf(target.id, at);
      minute.up++;
      minute.sumMs += ms;
      minute.times.push(ms);
    },
    traffic(rows, at) {
      for (const row of rows) if (row.requests > 0) addRow(row, at);
    },
    restore(name, probes, traffic) {
      for (const { check, at, up, sumMs } of probes) {
        if (check !== EDGE_CHECK || up === 0) continue;
        const minute = minuteOf(name, at);
        minute.up += up;
        minute.sumMs += sumMs;
        for (let each = 0; each < Math.min(up, 10); each++) minute.times.push(sumMs / up);
      }
      for (const { at, ...row } of traffic) addRow({ ...name, ...row }, at);
    },
    lately(name, now) {
      const { minutes, seconds } = window(name, now);
      const releases = [...byRelease(minutes).values()].sort((a, b) => releaseNumber(a.release) - releaseNumber(b.release));
      const sum = releases.reduce<TrafficMinuteRow | undefined>((all, row) => (all === undefined ? row : addTraffic(all, row)), undefined);
      const times = minutes.flatMap(({ times }) => times).sort((a, b) => a - b);
      const known = minutesOf(name);
      const current = minuteBegin(now);
      const spark = Array.from({ length: SPARK_MINUTES }, (_, index) => {
        const minute = known.get(current - (SPARK_MINUTES - index) * MINUTE_MS);
        return minute === undefined || minute.up === 0 ? null : tidy(minute.sumMs / minute.up);
      });
      const ofTraffic = sum !== undefined && sum.histogram.some((count) => count > 0);
      const p50 = ofTraffic ? histogramPercentile(sum.histogram, 50) : rank(times, 50);
      const p95 = ofTraffic ? histogramPercentile(sum.histogram, 95) : rank(times, 95);
      return {
        requestsPerSecond: sum === undefined ? null : tidy(sum.requests / seconds),
        errorRatio: sum === undefined ? null : (sum.errors + sum.lost) / sum.requests,
        latencyMs: p50 === undefined || p95 === undefined ? null : { p50: tidy(p50), p95: tidy(p95), of: ofTraffic ? 'traffic' : 'probes' },
        versions: releases.map((row) => versionOf(row, seconds)),
        spark,
      };
    },
    sweep(now) {
      const oldest = minuteBegin(now) - SPARK_MINUTES * MINUTE_MS;
      for (const [key, minutes] of services) {
        for (const begin of minutes.keys()) if (begin < oldest || begin > now + MINUTE_MS) minutes.delete(begin);
        if (minutes.size === 0) services.delete(key);
      }
    },
  };
}

/** Old and new are never summed up into one: which of them fails is what a rollout is watched for. */
function versionOf({ release, requests, errors, lost, histogram }: TrafficMinuteRow, seconds: number): Lately['versions'][number] {
  const [p50, p95] = [histogramPercentile(histogram, 50), histogramPercentile(histogram, 95)];
  return {
    release,
    requestsPerSecond: tidy(requests / seconds),
    errorRatio: requests === 0 ? null : (errors + lost) / requests,
    latencyMs: p50 === undefined || p95 === undefined ? null : { p50: tidy(p50), p95: tidy(p95) },
  };
}

function rank(sorted: readonly number[], percent: number): number | undefined {
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
}

/** Three digits behind the point: it is sent to browsers. */
function tidy(value: number): number {
  return Math.round(value * 1000) / 1000;
}
