/** What people are told of the history itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { noticesOf } from './past.ts';

test('noticesOf: is silent while all is written, and says what is kept where it is not', () => {
  const cases = [
    [{ kind: 'ok', detail: '', droppedMinutes: 3 }, []],
    [
      { kind: 'full', detail: 'x', droppedMinutes: 1 },
      ['History is not written as the disk is full: 1 minute was let go; changes of verdicts and incidents are kept, checks go on'],
    ],
    [
      { kind: 'read-only', detail: 'x', droppedMinutes: 0 },
      ['History is not written as its database is read-only: changes of verdicts and incidents are kept, checks go on'],
    ],
    [
      { kind: 'failed', detail: 'SQLite says no', droppedMinutes: 12 },
      ['History is not written as SQLite says no: 12 minutes were let go; changes of verdicts and incidents are kept, checks go on'],
    ],
  ] as const;
  for (const [state, notices] of cases) assert.deepEqual(noticesOf(state), notices);
});
