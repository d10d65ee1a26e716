/** Sums up in memory what was seen, minute by minute, until a minute is over. Pure: who calls says what time it is. */

import { bucketLimit } from '../edge/edge.ts';
import type { Traffic } from '../edge/types.ts';
import { addHistograms, histogramBucket } from '../store/store.ts';
import type { ClosedMinute, ProbeMinuteRow, TrafficMinuteRow } from '../store/types.ts';
import type { Sample, TargetId } from './types.ts';

export const MINUTE_MS = 60_000;

export interface Minutes {
  sample(sample: Sample): void;
  traffic(deltas: readonly Traffic[], at: number): void;
  /** All minutes but the one of `now`, oldest first: also those of a clock that jumped. */
  close(now: number): readonly ClosedMinute[];
}

interface Open {
  readonly probes: Map<string, ProbeMinuteRow>;
  readonly traffic: Map<string, TrafficMinuteRow>;
}

export function createMinutes(): Minutes {
  const open = new Map<number, Open>();

  const minuteOf = (at: number): Open => {
    const begin = minuteBegin(at);
    let minute = open.get(begin);
    if (minute === undefined) open.set(begin, (minute = { probes: new Map(), traffic: new Map() }));
    return minute;
  };

  return {
    sample(sample) {
      if (sample.outcome === 'own') return; // says nothing of the target
      const { probes } = minuteOf(sample.at);
      const { key, id } = sample.target;
      probes.set(key, addSample(probes.get(key) ?? emptyProbe(id), sample));
    },
    traffic(deltas, at) {
      const { traffic } = minuteOf(at);
      for (const delta of deltas) {
        const row = trafficRow(delta);
        if (row.requests === 0) continue;
        const key = `${row.environment}/${row.service}/${row.release}`;
        const old = traffic.get(key);
        traffic.set(key, old === undefined ? row : addTraffic(old, row));
      }
    },
    close(now) {
      const current = minuteBegin(now);
      const closed: ClosedMinute[] = [];
      for (const [at, { probes, traffic }] of [...open].sort(([a], [b]) => a - b)) {
        if (at === current) continue;
        open.delete(at);
        closed.push({ at, probes: [...probes.values()], traffic: [...traffic.values()], machine: undefined });
      }
      return closed;
    },
  };
}

export function minuteBegin(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}

/** What the edge counted, as a row: with what was lost among the requests, and its fine latencies in the history's buckets. */
export function trafficRow(traffic: Traffic): TrafficMinuteRow {
  const { environment, service, release, served, errors, lost, latency } = traffic;
  const histogram: number[] = [];
  for (const [index, count] of latency.entries()) {
    if (count === 0) continue;
    const bucket = histogramBucket(bucketLimit(index));
    while (histogram.length <= bucket) histogram.push(0);
    histogram[bucket] = (histogram[bucket] ?? 0) + count;
  }
  return { environment, service, release, requests: served + lost, errors, lost, histogram };
}

type Counted = Pick<TrafficMinuteRow, 'requests' | 'errors' | 'lost' | 'histogram'>;

/** The rest of the row is `a`'s. */
export function addTraffic<T extends Counted>(a: T, b: Counted): T {
  return {
    ...a,
    requests: a.requests + b.requests,
    errors: a.errors + b.errors,
    lost: a.lost + b.lost,
    histogram: addHistograms(a.histogram, b.histogram),
  };
}

/** `none`, where the edge answered itself, is older than all. */
export function releaseNumber(release: string): number {
  return Number(/^r(\d+)$/.exec(release)?.[1] ?? -1);
}

function emptyProbe({ environment, service, release, replica, check }: TargetId): ProbeMinuteRow {
  return { environment, service, release, replica, check, up: 0, down: 0, late: 0, sumMs: 0, minMs: 0, maxMs: 0 };
}

/** Times are those of good answers: how long a failure took says nothing of the service's speed. */
function addSample(row: ProbeMinuteRow, { outcome, ms }: Sample): ProbeMinuteRow {
  switch (outcome) {
    case 'own':
      return row;
    case 'bad':
      return { ...row, down: row.down + 1 };
    case 'good':
    case 'late':
      return {
        ...row,
        up: row.up + 1,
        late: row.late + (outcome === 'late' ? 1 : 0),
        sumMs: row.sumMs + ms,
        minMs: row.up === 0 ? ms : Math.min(row.minMs, ms),
        maxMs: Math.max(row.maxMs, ms),
      };
    default:
      return outcome satisfies never;
  }
}
