import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Outcome, TargetVerdict } from './types.ts';
import { isFlapping, isUndecided, judge, newTally, type Tally } from './verdict.ts';

/** g good · l late · b bad · o own. */
const OUTCOMES: Readonly<Record<string, Outcome>> = { g: 'good', l: 'late', b: 'bad', o: 'own' };

const moment = (at: number) => ({ at, steady: at });

function after(samples: string, fact = false): Tally {
  let at = 0;
  return samples
    .split('')
    .reduce(
      (tally, letter) => judge(tally, { ...moment((at += 1000)), outcome: OUTCOMES[letter] ?? assert.fail(), fact }),
      newTally(moment(0)),
    );
}

const TABLE: readonly (readonly [samples: string, verdict: TargetVerdict, why: string])[] = [
  ['', 'unknown', 'nobody has looked'],
  ['g', 'up', 'one good answer is enough for a start'],
  ['b', 'unknown', 'one failure says nothing yet'],
  ['bbb', 'down', 'it never answered'],
  ['gb', 'up', 'a lost packet'],
  ['gbb', 'up', 'two of five'],
  ['gbbb', 'down', 'three of five'],
  ['gbgbb', 'down', 'three of five with an answer in between'],
  ['gbggbg', 'up', 'two failures far apart'],
  ['bggggb', 'up', 'the first failure has left the window'],
  ['gbbbg', 'down', 'one good answer is luck'],
  ['gbbbgg', 'up', 'two in a row are not'],
  ['gbbbgbg', 'down', 'in a row, that is'],
  ['gbbbggb', 'up', 'what came back starts with a clean slate'],
  ['gbbbggbbb', 'down', 'and may go down again'],
  ['gl', 'up', 'once late'],
  ['glll', 'degraded', 'late three times of five'],
  ['glllg', 'degraded', 'once in time'],
  ['glllgg', 'up', 'twice in time'],
  ['gbbbll', 'up', 'late answers are answers: it is not down'],
  ['go', 'up', 'our own fault once'],
  ['goo', 'unknown', 'our own fault twice: we know nothing'],
  ['goog', 'up', 'and then we know again'],
  ['gbobob', 'down', 'own faults do not hide failures'],
  ['gbbo', 'up', 'an own fault is no failure'],
  ['oooooooooo', 'unknown', 'own faults never take anything down'],
  ['goooooooooo', 'unknown', 'own faults never take anything down'],
  ['gbbboooo', 'down', 'nothing says that it came back'],
];

for (const [samples, verdict, why] of TABLE) {
  test(`judge(): ${samples || 'nothing'} is ${verdict}: ${why}`, () => assert.equal(after(samples).verdict, verdict));
}

test('judge(): a fact is believed at once', () => {
  assert.deepEqual(
    ['g', 'l', 'b', 'bg'].map((samples) => after(samples, true).verdict),
    ['up', 'degraded', 'down', 'up'],
  );
});

test('judge(): since is when the verdict became so, not the last look', () => {
  assert.equal(after('gggg').since, 1000);
  assert.equal(after('gbbb').since, 4000);
  assert.equal(after('gbbbbb').since, 4000);
});

test('isUndecided(): after a first failure, after a first success of what is down, and not where it is decided', () => {
  const cases: Readonly<Record<string, boolean>> = {
    '': false,
    g: false,
    gb: true,
    gbb: true,
    gbbb: false,
    gbbbb: false,
    gbbbg: true,
    gbbbgg: false,
    gbg: false,
    go: true,
    goo: false,
  };
  for (const [samples, wanted] of Object.entries(cases)) assert.equal(isUndecided(after(samples)), wanted, samples);
});

test('isFlapping(): more than four changes in half an hour, forgotten after it', () => {
  const tally = after('gbbbggbbbggbbb');
  assert.equal(isFlapping(after('gbbbggbbbgg'), 20_000), false);
  assert.equal(isFlapping(tally, 20_000), true);
  assert.equal(isFlapping(tally, 20_000 + 31 * 60_000), false);
});
