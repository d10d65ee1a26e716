import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../../kit/errors.ts';
import type { InputSpec } from '../model.ts';
import { checkInputs } from './inputs.ts';

const SPECS: readonly InputSpec[] = [
  { name: 'target', type: 'choice', required: true, options: ['dev', 'stg'], description: 'Where to' },
  { name: 'count', type: 'number', required: false, default: 3 },
  { name: 'dry', type: 'boolean', required: false },
  { name: 'note', type: 'string', required: false },
  { name: 'env', type: 'environment', required: false, default: 'dev' },
];

test('checkInputs: gives typed values, defaults, and the type’s empty value', () => {
  assert.deepEqual(checkInputs(SPECS, { TARGET: 'stg', count: '7', dry: 'true' }), {
    target: 'stg',
    count: 7,
    dry: true,
    note: '',
    env: 'dev',
  });
  assert.deepEqual(checkInputs(SPECS, { target: 'dev', note: 5 }), { target: 'dev', count: 3, dry: false, note: '5', env: 'dev' });
  assert.deepEqual(checkInputs([{ name: 'n', type: 'number', required: false }], {}), { n: 0 });
});

test('checkInputs: tells every problem at once', () => {
  assert.throws(
    () => checkInputs(SPECS, { taget: 'x', count: '', dry: 'maybe', note: {} }),
    (error) => {
      assert.ok(error instanceof AntlerError && error.code === 'actions/input');
      assert.deepEqual(error.problems, [
        { at: 'taget', message: 'is no input: inputs are target, count, dry, note, env', hint: 'Did you mean `target`?' },
        { at: 'target', message: 'is required', hint: 'Where to' },
        { at: 'count', message: 'is "": needed is a number' },
        { at: 'dry', message: 'is "maybe": needed is true or false' },
        { at: 'note', message: 'is {}: needed is a text' },
      ]);
      return true;
    },
  );
  assert.throws(() => checkInputs(SPECS, { target: 'prod' }), /`target` is "prod": needed is one of dev, stg/);
  assert.throws(() => checkInputs([], { a: 1 }), /`a` is no input: the workflow takes none/);
});
