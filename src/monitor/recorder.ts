/** Takes what was seen, keeps the last hour for the board, and hands each minute that is over to the history. */

import type { Traffic } from '../edge/types.ts';
import type { Clock } from '../kit/clock.ts';
import { isAbort } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';
import type { ClosedMinute, MachineMinuteRow, Metrics } from '../store/types.ts';
import { createBoard, EDGE_CHECK, type Lately, type ServiceName } from './lately.ts';
import { createMinutes, MINUTE_MS, minuteBegin, trafficRow } from './minutes.ts';
import type { Sample } from './types.ts';

export interface RecorderOptions {
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** What the machine did since it was asked last. */
  readonly machine?: () => Promise<MachineMinuteRow | undefined>;
  readonly log?: (line: string) => void;
}

export interface Uptime {
  readonly day: number | null;
  readonly month: number | null;
}

export interface Recorder {
  sample(sample: Sample): void;
  /** For `EdgeOptions.onTraffic`. */
  traffic(deltas: readonly Traffic[]): void;
  /** For a service's row on the board. */
  lately(service: ServiceName): Lately & { readonly uptime: Uptime };
  /** What a second does: minutes that are over go to the history. Resolves when they are there (or let go). */
  tick(): Promise<void>;
  /** Until the signal; then what is open goes to the history as well. */
  run(signal: AbortSignal): Promise<void>;
}

const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MONTH_MS = 30 * DAY_MS;
/** A look that began in the last minute is in before it is closed. */
const GRACE_MS = 500;
/** A month's sum changes slowly. */
const UPTIME_MS = 5 * MINUTE_MS;

export function createRecorder(options: RecorderOptions): Recorder {
  const { metrics, clock } = options;
  const minutes = createMinutes();
  const board = createBoard();
  const restored = new Set<string>();
  const begun = minuteBegin(clock.now());
  let uptimes: ReadonlyMap<string, Uptime> = new Map();
  let uptimesAt = Number.NEGATIVE_INFINITY;
  let machineAt: number | undefined;

  const tell = (error: unknown): void => options.log?.(`history: ${String(error)}`);

  /** The hour before this daemon, once per service. */
  const restore = (name: ServiceName): void => {
    const key = keyOf(name);
    if (restored.has(key)) return;
    restored.add(key);
    const query = { environment: name.environment, service: name.service, from: begun - HOUR_MS, to: begun, stepMs: MINUTE_MS };
    const read = async (): Promise<void> => {
      const [probes, traffic] = await Promise.all([metrics.probes(query), metrics.traffic(query)]);
      board.restore(query, probes, traffic);
    };
    read().catch(tell);
  };

  const refreshUptimes = async (): Promise<void> => {
    const now = clock.now();
    if (Math.abs(now - uptimesAt) < UPTIME_MS) return;
    uptimesAt = now;
    const [day, month] = [await metrics.uptime(now - DAY_MS), await metrics.uptime(now - MONTH_MS)];
    const shares = (rows: typeof day): Map<string, number | null> =>
      new Map(rows.filter(({ check }) => check === EDGE_CHECK).map((row) => [keyOf(row), share(row.up, row.down)]));
    const [ofDay, ofMonth] = [shares(day), shares(month)];
    uptimes = new Map([...ofMonth].map(([key, value]) => [key, { day: ofDay.get(key) ?? null, month: value }]));
  };

  /** At most once a minute, whatever is called when. */
  const machineMinute = async (now: number): Promise<ClosedMinute | undefined> => {
    const current = minuteBegin(now);
    if (options.machine === undefined || current === machineAt) return undefined;
    machineAt = current;
    const machine = await options.machine();
    return machine === undefined ? undefined : { at: current - MINUTE_MS, probes: [], traffic: [], machine };
  };

  const close = async (now: number): Promise<void> => {
    const machine = await machineMinute(clock.now()).catch(() => undefined);
    const closed = minutes.close(now);
    const last = closed.at(-1);
    const all =
      last !== undefined && last.at === machine?.at
        ? [...closed.slice(0, -1), { ...last, machine: machine.machine }]
        : [...closed, ...(machine === undefined ? [] : [machine])];
    await Promise.all(all.map(async (minute) => metrics.minute(minute)));
  };

  const tick = async (): Promise<void> => {
    const now = clock.now();
    board.sweep(now);
    await close(now);
    await refreshUptimes();
  };

  return {
    sample(sample) {
      if (sample.target.id.environment !== '') restore(sample.target.id); // else it is on no board
      minutes.sample(sample);
      board.sample(sample);
    },
    traffic(deltas) {
      const now = clock.now();
      for (const delta of deltas) restore(delta);
      minutes.traffic(deltas, now);
      board.traffic(
        deltas.map((delta) => trafficRow(delta)),
        now,
      );
    },
    lately: (name) => ({ ...board.lately(name, clock.now()), uptime: uptimes.get(keyOf(name)) ?? { day: null, month: null } }),
    tick,
    async run(signal) {
      try {
        for (;;) {
          await tick().catch(tell);
          const now = clock.now();
          await sleep(minuteBegin(now) + MINUTE_MS - now + GRACE_MS, signal);
        }
      } catch (error) {
        if (!isAbort(error)) throw error;
      }
      await close(Number.POSITIVE_INFINITY);
    },
  };
}

function keyOf({ environment, service }: ServiceName): string {
  return `${environment}/${service}`;
}

function share(up: number, down: number): number | null {
  return up + down === 0 ? null : up / (up + down);
}
