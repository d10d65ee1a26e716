/** What a rollout saw of the edge's traffic, added up so that a killed daemon loses nothing that was counted. */

import { addLatency } from '../edge/edge.ts';
import type { Edge, Traffic } from '../edge/types.ts';
import type { Platform } from '../store/store.ts';
import type { TrafficRow } from '../store/types.ts';

export interface TrafficRecorder {
  /** Reads the edge and writes the sums since the rollout began. */
  flush(signal: AbortSignal): Promise<readonly TrafficRow[]>;
}

export interface RecorderOptions {
  readonly rollout: number;
  readonly environment: string;
  readonly edge: Edge;
  readonly store: Platform;
  /** The daemon was away: what the edge has counted since it was opened belongs to this rollout too. */
  readonly resumed: boolean;
}

export async function recordTraffic(options: RecorderOptions, signal: AbortSignal): Promise<TrafficRecorder> {
  const { rollout, environment, edge, store } = options;
  const here = (all: readonly Traffic[]): Traffic[] => all.filter((each) => each.environment === environment);
  const before = store.rollouts.traffic(rollout);
  const base = options.resumed ? [] : here(await edge.traffic(signal));
  return {
    async flush(flushSignal) {
      const now = here(await edge.traffic(flushSignal));
      const rows = addTraffic(before, subtractTraffic(now, base));
      store.rollouts.setTraffic(rollout, rows);
      return rows;
    },
  };
}

const key = (each: { readonly service: string; readonly release: string }): string => `${each.service}\n${each.release}`;

/** What came since `base`. */
export function subtractTraffic(now: readonly Traffic[], base: readonly Traffic[]): TrafficRow[] {
  const was = new Map(base.map((each) => [key(each), each]));
  return now.map((each) => {
    const old = was.get(key(each));
    return {
      service: each.service,
      release: each.release,
      served: each.served - (old?.served ?? 0),
      errors: each.errors - (old?.errors ?? 0),
      lost: each.lost - (old?.lost ?? 0),
      unseen: each.unseen - (old?.unseen ?? 0),
      latency: each.latency.map((count, bucket) => count - (old?.latency[bucket] ?? 0)),
    };
  });
}

export function addTraffic(a: readonly TrafficRow[], b: readonly TrafficRow[]): TrafficRow[] {
  const sums = new Map<string, TrafficRow>();
  for (const each of [...a, ...b]) {
    const sum = sums.get(key(each));
    sums.set(key(each), sum === undefined ? each : addRow(sum, each));
  }
  return [...sums.values()];
}

function addRow(a: TrafficRow, b: TrafficRow): TrafficRow {
  return {
    service: a.service,
    release: a.release,
    served: a.served + b.served,
    errors: a.errors + b.errors,
    lost: a.lost + b.lost,
    unseen: a.unseen + b.unseen,
    latency: addLatency(a.latency, b.latency),
  };
}
