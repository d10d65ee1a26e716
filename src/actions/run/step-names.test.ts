import assert from 'node:assert/strict';
import { test } from 'node:test';

import { contextNames } from './step-names.ts';

test('contextNames: an id as it is, else GitHub’s generated names, counted from the second of a kind', () => {
  const steps = [
    {},
    { uses: 'actions/checkout@v4' },
    { id: 'mine' },
    {},
    { uses: './x' },
    { uses: './y' },
    { uses: 'actions/checkout@v5' },
    { uses: 'a.b/c/sub@v1' },
  ];
  assert.deepEqual(contextNames(steps), [
    '__run',
    '__actions_checkout',
    'mine',
    '__run_2',
    '__self',
    '__self_2',
    '__actions_checkout_2',
    '__a_b_c',
  ]);
});
