/** createGroups(): one runs, one waits, the newest counts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../../kit/errors.ts';
import { createGroups } from './groups.ts';

const { signal } = new AbortController();

test('createGroups(): the second waits for the first; a third takes the second’s place', async () => {
  const groups = createGroups();
  const ask = (who: string) => groups.enter({ group: who === 'other' ? 'b' : 'A', cancelInProgress: false, who }, signal);
  const first = await ask('run 1');
  (await ask('other'))[Symbol.dispose]();
  const second = ask('run 2');
  const third = groups.enter({ group: 'a', cancelInProgress: false, who: 'run 3' }, signal);
  await assert.rejects(second, (error) => hasCode(error, 'actions/superseded'));
  assert.equal(first.signal.aborted, false);
  first[Symbol.dispose]();
  (await third)[Symbol.dispose]();
  (await ask('run 4'))[Symbol.dispose]();
});

test('createGroups(): cancelInProgress ends the one that runs, and waits for its end', async () => {
  const groups = createGroups();
  const first = await groups.enter({ group: 'a', cancelInProgress: true, who: 'run 1' }, signal);
  let entered = false;
  const second = groups.enter({ group: 'a', cancelInProgress: true, who: 'run 2' }, signal).then((lease) => {
    entered = true;
    return lease;
  });
  assert.equal(first.signal.aborted, true);
  await Promise.resolve();
  assert.equal(entered, false);
  first[Symbol.dispose]();
  (await second)[Symbol.dispose]();
});

test('createGroups(): whoever stops waiting leaves the group', async () => {
  const groups = createGroups();
  const first = await groups.enter({ group: 'a', cancelInProgress: false, who: 'run 1' }, signal);
  const stop = new AbortController();
  const second = groups.enter({ group: 'a', cancelInProgress: false, who: 'run 2' }, stop.signal);
  stop.abort();
  await assert.rejects(second);
  first[Symbol.dispose]();
  (await groups.enter({ group: 'a', cancelInProgress: false, who: 'run 3' }, signal))[Symbol.dispose]();
});
