import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { JobSpec } from '../model.ts';
import { startOrder } from './graph.ts';

test('startOrder: each job comes after what it needs, else as in the file', () => {
  const at = { line: 1, column: 1 };
  const job = (id: string, ...needs: readonly string[]): JobSpec => ({
    id,
    at,
    needs,
    runsOn: { kind: 'literal', value: 'x', at },
    defaults: {},
    steps: [],
  });
  const ids = startOrder([job('e', 'c', 'd'), job('a'), job('c', 'b'), job('d', 'a'), job('b')]).map(({ id }) => id);
  assert.deepEqual(ids, ['b', 'c', 'a', 'd', 'e']);
});
