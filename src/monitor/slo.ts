/** How much of its error budget each service has spent: checks through the edge and real requests together, over the windows that burn-rate alerts compare. */

import type { HistoryQuery, TrafficPoint, UptimeRow } from '../store/types.ts';
import { EDGE_CHECK, type ServiceName } from './lately.ts';
import { MINUTE_MS as MINUTE, minuteBegin } from './minutes.ts';

/** Of checks and requests. More would page for a single lost check a minute. */
export const OBJECTIVE = 0.995;

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Those of the SRE workbook's alerts; the last one is the budget's own. Points are so far apart that each window is read from a few hundred rows. */
const WINDOWS = [
  { name: '5m', ms: 5 * MINUTE, stepMs: MINUTE },
  { name: '30m', ms: 30 * MINUTE, stepMs: MINUTE },
  { name: '1h', ms: HOUR, stepMs: MINUTE },
  { name: '6h', ms: 6 * HOUR, stepMs: MINUTE },
  { name: '1d', ms: DAY, stepMs: HOUR },
  { name: '3d', ms: 3 * DAY, stepMs: HOUR },
  { name: '30d', ms: 30 * DAY, stepMs: DAY },
] as const;

export interface Burn extends ServiceName {
  readonly window: (typeof WINDOWS)[number]['name'];
  /** 1 spends the budget in just 30 days. */
  readonly rate: number;
}

export interface SloSource {
  uptime(from: number): Promise<readonly UptimeRow[]>;
  traffic(query: HistoryQuery): Promise<readonly TrafficPoint[]>;
}

/** Where nothing was counted in a window there is no rate of it. */
export async function readBurns(source: SloSource, services: readonly ServiceName[], now: number): Promise<readonly Burn[]> {
  const burns: Burn[] = [];
  const minutes = new Map<ServiceName, readonly TrafficPoint[]>();
  const longest = Math.max(...WINDOWS.flatMap(({ ms, stepMs }) => (stepMs === MINUTE ? ms : [])));
  for (const each of services) minutes.set(each, await read(source, each, { from: now - longest, to: now, stepMs: MINUTE }));
  for (const { name, ms, stepMs } of WINDOWS) {
    const checks = (await source.uptime(now - ms)).filter(({ check }) => check === EDGE_CHECK);
    for (const each of services) {
      const { environment, service } = each;
      // The short windows lie within the longest of minutes, which is read once.
      const points =
        stepMs === MINUTE
          ? (minutes.get(each) ?? []).filter(({ at }) => at >= minuteBegin(now - ms))
          : await read(source, each, { from: now - ms, to: now, stepMs });
      const rate = burnRate(
        checks.filter((row) => row.environment === environment && row.service === service),
        points,
      );
      if (rate !== undefined) burns.push({ environment, service, window: name, rate });
    }
  }
  return burns;
}

async function read(source: SloSource, { environment, service }: ServiceName, span: Pick<HistoryQuery, 'from' | 'to' | 'stepMs'>) {
  return source.traffic({ environment, service, ...span });
}

/** Share of what went wrong, as a multiple of what may. Pure. */
export function burnRate(
  checks: readonly Pick<UptimeRow, 'up' | 'down'>[],
  points: readonly Pick<TrafficPoint, 'requests' | 'errors' | 'lost'>[],
): number | undefined {
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const bad = sum(checks.map(({ down }) => down)) + sum(points.map(({ errors, lost }) => errors + lost));
  const all = sum(checks.map(({ up, down }) => up + down)) + sum(points.map(({ requests }) => requests));
  return all === 0 ? undefined : bad / all / (1 - OBJECTIVE);
}
