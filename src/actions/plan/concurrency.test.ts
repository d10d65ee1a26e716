import assert from 'node:assert/strict';
import { test } from 'node:test';

import { enterGroup, type Entry, groupKey, type Member } from './concurrency.ts';

const a: Member = { id: 'a', state: 'running' };
const b: Member = { id: 'b', state: 'waiting' };

const CASES: readonly (readonly [members: readonly Member[], cancelInProgress: boolean, entry: Entry])[] = [
  [[], false, { kind: 'run', cancel: [] }],
  [[], true, { kind: 'run', cancel: [] }],
  [[a], false, { kind: 'wait', cancel: [] }],
  [[a, b], false, { kind: 'wait', cancel: ['b'] }],
  [[a], true, { kind: 'wait', cancel: ['a'] }],
  [[a, b], true, { kind: 'wait', cancel: ['a', 'b'] }],
];

for (const [members, cancelInProgress, entry] of CASES) {
  test(`enterGroup: after ${members.map(({ id, state }) => `${id} ${state}`).join(', ') || 'nobody'}${cancelInProgress ? ', cancel-in-progress' : ''}: ${entry.kind}`, () => {
    assert.deepEqual(enterGroup(members, cancelInProgress), entry);
  });
}

test('groupKey: `prod` and `Prod` are one group', () => {
  assert.equal(groupKey('Prod'), groupKey('prod'));
});
