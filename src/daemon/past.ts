/** Wires what was: looks and requests go to the history, and the board, the charts and the machine's page read it. */

import type { History, Machine, Range } from '../contract/watch.ts';
import type { Traffic } from '../edge/types.ts';
import { systemClock, type Clock } from '../kit/clock.ts';
import { createRecorder, readHistory, readMachine, watchMachine, type Lately } from '../monitor/monitor.ts';
import type { Sample, Transition } from '../monitor/types.ts';
import type { Platform } from '../store/store.ts';
import type { Metrics, MetricsState } from '../store/types.ts';

export interface PastOptions {
  readonly store: Platform;
  readonly metrics: Metrics;
  /** Its disk is the one that counts. */
  readonly home: string;
  readonly version: string;
  /** Longest stall of the event loop in the last minute. */
  readonly loopLagMs: () => number;
  readonly log: (line: string) => void;
  readonly clock?: Clock;
}

export interface Past {
  onSample(sample: Sample): void;
  onTransition(transition: Transition): void;
  onTraffic(deltas: readonly Traffic[]): void;
  lately(environment: string, service: string): Partial<Lately>;
  /** What people should know of the history itself. */
  notices(): readonly string[];
  history(wanted: { readonly environment: string; readonly service: string; readonly range: Range }): Promise<History>;
  machine(range: Range): Promise<Machine>;
  /** Closes minutes until the signal. */
  run(signal: AbortSignal): Promise<void>;
}

export function createPast({ store, metrics, home, version, loopLagMs, log, clock = systemClock }: PastOptions): Past {
  const startedAt = clock.now();
  const watch = watchMachine({ folder: home });
  const recorder = createRecorder({ metrics, log, clock, machine: async () => watch.minute() });
  return {
    onSample: (sample) => recorder.sample(sample),
    onTransition: (transition) => void metrics.transition(transition).catch((error: unknown) => log(`history: ${String(error)}`)),
    onTraffic: (deltas) => recorder.traffic(deltas),
    lately: (environment, service) => recorder.lately({ environment, service }),
    notices: () => noticesOf(metrics.state()),
    history: async (wanted) =>
      readHistory(metrics, {
        ...wanted,
        now: clock.now(),
        deploys: (from) =>
          store.rollouts
            .moves(wanted.environment, from)
            .map(({ at, release, kind, verdict }) => ({ at, release: `r${release}`, kind, verdict })),
      }),
    machine: async (range) =>
      readMachine({ metrics, watch, range, now: clock.now(), daemon: { startedAt, version, loopLagMs: loopLagMs() } }),
    run: async (signal) => recorder.run(signal),
  };
}

/** Samples may be missing; what people were told of is kept. Pure. */
export function noticesOf({ kind, detail, droppedMinutes }: Pick<MetricsState, 'kind' | 'detail' | 'droppedMinutes'>): readonly string[] {
  if (kind === 'ok') return [];
  const why = { full: 'the disk is full', 'read-only': 'its database is read-only', failed: detail }[kind];
  const lost = droppedMinutes === 0 ? '' : ` ${droppedMinutes} ${droppedMinutes === 1 ? 'minute was' : 'minutes were'} let go;`;
  return [`History is not written as ${why}:${lost} changes of verdicts and incidents are kept, checks go on`];
}
