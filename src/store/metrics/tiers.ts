/** Decides which of minutes, hours and days answer a question: the coarsest that is fine enough, and finer ones where it is not rolled up yet. */

import { DAY_MS, HOUR_MS, MINUTE_MS } from './schema.ts';

export type Unit = 'minute' | 'hour' | 'day';

/** Rows of one table with `from <= ts < to`, counted in its unit. */
export interface Part {
  readonly unit: Unit;
  readonly from: number;
  readonly to: number;
}

/** As in the file's meta: first hour and day that are not rolled up; minutes begin with this hour. */
export interface Rolled {
  readonly hours: number;
  readonly days: number;
  readonly floor: number;
}

export interface Span {
  /** ms, inclusive. */
  readonly from: number;
  /** ms, exclusive. */
  readonly to: number;
  readonly stepMs: number;
}

export const UNIT_MS: Readonly<Record<Unit, number>> = { minute: MINUTE_MS, hour: HOUR_MS, day: DAY_MS };

/** Days, then hours, then minutes, each where the one before ends; nothing is in two of them. Pure. */
export function partsOf({ from, to, stepMs }: Span, rolled: Rolled): readonly Part[] {
  const parts: Part[] = [];
  let at = from;
  const take = (unit: Unit, until: number): void => {
    const ms = UNIT_MS[unit];
    const part: Part = { unit, from: Math.floor(at / ms), to: Math.ceil(Math.min(to, until) / ms) };
    if (at >= to || part.from >= part.to) return;
    parts.push(part);
    at = part.to * ms;
  };
  if (stepMs >= DAY_MS) take('day', rolled.days * DAY_MS);
  // finer than what is left of that time: hours are all there is
  take('hour', stepMs >= HOUR_MS ? rolled.hours * HOUR_MS : Math.min(rolled.floor, rolled.hours) * HOUR_MS);
  take('minute', Number.POSITIVE_INFINITY);
  return parts;
}

/** For sums since `from`, where only the ends need to be fine: whole days between hours, and minutes for what is not rolled up. Pure. */
export function sumParts(from: number, to: number, rolled: Rolled): readonly Part[] {
  const firstDay = Math.ceil(from / DAY_MS);
  const lastDay = Math.min(rolled.days, Math.floor(to / DAY_MS));
  if (firstDay >= lastDay) return partsOf({ from, to, stepMs: HOUR_MS }, rolled);
  return [
    ...partsOf({ from, to: firstDay * DAY_MS, stepMs: HOUR_MS }, rolled),
    { unit: 'day', from: firstDay, to: lastDay },
    ...partsOf({ from: lastDay * DAY_MS, to, stepMs: HOUR_MS }, rolled),
  ];
}
