import assert from 'node:assert/strict';
import { test } from 'node:test';

import { restartDecision } from './restart.ts';

const S = 1000;
const CASES: readonly [string, readonly number[], number, 'restarting' | 'crash-loop', number][] = [
  ['the first end: soon', [100 * S], 100 * S, 'restarting', 250],
  ['each further end doubles the wait', [100 * S, 101 * S, 102 * S], 102 * S, 'restarting', 1000],
  ['what has passed since counts', [100 * S], 100 * S + 200, 'restarting', 50],
  ['four ends in a minute are none yet', [1, 2, 3, 4].map((n) => n * S), 4 * S, 'restarting', 2000],
  ['five ends in a minute are a crash loop', [1, 2, 3, 4, 5].map((n) => n * S), 5 * S, 'crash-loop', 30 * S],
  ['five ends in more than a minute are none', [0, 20, 40, 60, 80].map((n) => n * S), 80 * S, 'restarting', 4000],
  ['each end in the loop doubles the wait', [1, 2, 3, 4, 5, 36].map((n) => n * S), 36 * S, 'crash-loop', 60 * S],
  ['up to five minutes', [1, 2, 3, 4, 5, 36, 97, 218, 519, 820].map((n) => n * S), 820 * S, 'crash-loop', 300 * S],
  ['no end at all', [], 0, 'restarting', 250],
];

for (const [title, history, now, verdict, waitMs] of CASES) {
  test(`restartDecision: ${title}`, () => assert.deepEqual(restartDecision(history, now), { verdict, waitMs }));
}
