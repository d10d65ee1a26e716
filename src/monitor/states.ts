/** What is known of each target: its verdict by the samples, and the last of them. */

import type { Moment, Sample, Target, TargetState } from './types.ts';
import { isUndecided, judge, newTally, type Tally } from './verdict.ts';

export interface State extends TargetState {
  readonly tally: Tally;
}

export interface Added {
  readonly state: State;
  /** Would people see a difference? */
  readonly changed: boolean;
  /** Is the next look due soon? */
  readonly undecided: boolean;
  /** It is only being started: the look says nothing of how well it is. */
  readonly starting: boolean;
}

export interface States {
  /** From now on these; what is known of the others is forgotten. */
  retarget(targets: readonly Target[], now: Moment): void;
  /** Undefined where the target is watched no more: what comes late says nothing. */
  add(sample: Sample, steady: number): Added | undefined;
  get(key: string): State | undefined;
  all(): readonly State[];
  /** Another number when people would see a difference, or others are watched. */
  version(): number;
}

export function createStates(): States {
  let states = new Map<string, State>();
  let version = 0;
  return {
    retarget(targets, now) {
      version += 1;
      states = new Map(
        targets.map((target) => {
          const known = states.get(target.key);
          if (known !== undefined) return [target.key, { ...known, target }];
          const tally = newTally(now);
          return [
            target.key,
            {
              target,
              tally,
              verdict: tally.verdict,
              since: tally.since,
              steadySince: tally.steadySince,
              last: undefined,
              failure: undefined,
            },
          ];
        }),
      );
    },
    add(sample, steady) {
      const { key, probe } = sample.target;
      const before = states.get(key);
      if (before === undefined) return undefined;
      // An engine that has not answered for the seconds that a cold start takes needs no second look.
      const fact = probe.kind === 'container' || (probe.kind === 'part' && probe.part === 'engine' && sample.outcome === 'bad');
      const starting = before.target.coming === true && before.verdict === 'unknown' && sample.outcome === 'bad';
      const tally = starting ? before.tally : judge(before.tally, { ...sample, steady, fact });
      const failure = sample.outcome === 'good' ? before.failure : sample;
      const state = {
        target: before.target,
        tally,
        verdict: tally.verdict,
        since: tally.since,
        steadySince: tally.steadySince,
        last: sample,
        failure,
      };
      states.set(key, state);
      const changed = looksOther(before, state);
      if (changed) version += 1;
      return { state, changed, undecided: starting || (!fact && isUndecided(tally)), starting };
    },
    get: (key) => states.get(key),
    all: () => [...states.values()],
    version: () => version,
  };
}

function looksOther(before: State, after: State): boolean {
  const [was, is] = [before.last, after.last];
  if (before.verdict !== after.verdict || was?.outcome !== is?.outcome || was?.release !== is?.release) return true;
  return is?.outcome !== 'good' && was?.detail !== is?.detail;
}
