/** A target's state by its samples: 3 bad of the last 5 are down, 2 good in a row are up; our own faults say nothing. Pure. */

import type { Moment, Outcome, TargetVerdict } from './types.ts';

const WINDOW = 5;
const BAD_ARE_DOWN = 3;
const LATE_ARE_DEGRADED = 3;
const GOOD_ARE_UP = 2;
/** Own faults in a row after which nothing is known any more. */
const OWN_ARE_UNKNOWN = 2;
const FLAPPING_MS = 30 * 60_000;
const FLAPPING_CHANGES = 4;

export interface Tally {
  readonly verdict: TargetVerdict;
  readonly since: number;
  readonly steadySince: number;
  /** The last five that say something, the newest last. */
  readonly recent: readonly Exclude<Outcome, 'own'>[];
  /** Own faults since the last sample that said something. */
  readonly own: number;
  /** When it went down or came back, in the last half hour; steady. */
  readonly changes: readonly number[];
}

export interface Seen extends Moment {
  readonly outcome: Outcome;
  /** No probe that may err, but what is so: it is believed at once. */
  readonly fact?: boolean;
}

export function newTally({ at, steady }: Moment): Tally {
  return { verdict: 'unknown', since: at, steadySince: steady, recent: [], own: 0, changes: [] };
}

export function judge(tally: Tally, seen: Seen): Tally {
  const { outcome } = seen;
  if (outcome === 'own') {
    const own = tally.own + 1;
    // What was down stays down: nothing says that it came back.
    return change({ ...tally, own }, own >= OWN_ARE_UNKNOWN && tally.verdict !== 'down' ? 'unknown' : tally.verdict, seen);
  }
  const recent = [...tally.recent, outcome].slice(-WINDOW);
  const next = { ...tally, own: 0, recent };
  const verdict = seen.fact === true ? FACTS[outcome] : decide(tally.verdict, recent);
  // Who comes back starts with a clean slate: else the next lost packet takes it down again.
  const cameBack = tally.verdict === 'down' && verdict !== 'down';
  return change(cameBack ? { ...next, recent: recent.slice(-GOOD_ARE_UP) } : next, verdict, seen);
}

const FACTS = { good: 'up', late: 'degraded', bad: 'down' } as const;

function decide(verdict: TargetVerdict, recent: Tally['recent']): TargetVerdict {
  const last = recent.at(-1);
  const bad = recent.filter((each) => each === 'bad').length;
  if (last === 'bad') return bad >= BAD_ARE_DOWN ? 'down' : verdict;
  const answersInARow = recent.length - 1 - recent.findLastIndex((each) => each === 'bad');
  if (verdict === 'down' && answersInARow < GOOD_ARE_UP) return 'down';
  if (last === 'late') {
    const late = recent.filter((each) => each === 'late').length;
    return late >= LATE_ARE_DEGRADED ? 'degraded' : verdict === 'degraded' ? 'degraded' : 'up';
  }
  const goodInARow = recent.length - 1 - recent.findLastIndex((each) => each !== 'good');
  return verdict === 'degraded' && goodInARow < GOOD_ARE_UP ? 'degraded' : 'up';
}

function change(tally: Tally, verdict: TargetVerdict, { at, steady }: Moment): Tally {
  if (verdict === tally.verdict) return tally;
  const counts = verdict === 'down' || tally.verdict === 'down';
  const changes = counts ? [...tally.changes.filter((each) => steady - each < FLAPPING_MS), steady] : tally.changes;
  return { ...tally, verdict, since: at, steadySince: steady, changes };
}

/** Is the next look due soon? After a first failure it decides, and after a first success of what is down. */
export function isUndecided({ verdict, recent, own }: Tally): boolean {
  if (own > 0) return verdict !== 'unknown' && own < OWN_ARE_UNKNOWN;
  const last = recent.at(-1);
  return verdict === 'down' ? last !== 'bad' : last === 'bad';
}

/** More than four changes in half an hour; `now` is steady. */
export function isFlapping({ changes }: Tally, now: number): boolean {
  return changes.filter((each) => now - each < FLAPPING_MS).length > FLAPPING_CHANGES;
}
