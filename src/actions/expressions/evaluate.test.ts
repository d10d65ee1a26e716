import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { AntlerError } from '../../kit/errors.ts';
import type { Scope, Template } from '../model.ts';
import { evaluate, evaluateCondition, evaluateText } from './evaluate.ts';

type Status = 'success' | 'failure' | 'cancelled';

interface Cases {
  readonly values: readonly (readonly [text: string, value: unknown, asText: string])[];
  readonly conditions: readonly (readonly [text: string | null, status: Partial<Record<Status, boolean>>, holds: boolean])[];
  readonly faults: readonly (readonly [text: string, message: string])[];
}

const cases = JSON.parse(
  readFileSync(new URL('../../../test/cases/actions/expressions.json', import.meta.url), 'utf8'),
) as unknown as Cases;

const at = { line: 4, column: 7 };
const expression = (text: string): Template => ({ kind: 'expression', text, at });
const literal = (value: string | number | boolean | null): Template => ({ kind: 'literal', value, at });
const scope: Scope = {
  contexts: {
    github: { ref: 'refs/heads/main', constructor: 'kept', event: { commits: [{ id: 'a' }, { id: 'b' }, {}] } },
    env: { path: 'small', PATH: 'large' },
    matrix: { list: [1, 2, 3] },
    needs: { build: { result: 'success' } },
  },
  hashFiles: (patterns) => `hash of ${patterns.join(',')}`,
};

for (const [text, value, asText] of cases.values) {
  test(`evaluate: ${text}`, () => {
    assert.deepEqual(evaluate(expression(text), scope), value);
    assert.equal(evaluateText(expression(text), scope), asText);
  });
}

for (const [text, given, holds] of cases.conditions) {
  test(`evaluateCondition: ${text ?? 'no condition'} after ${Object.keys(given).join()} is ${holds}`, () => {
    const status = { success: false, failure: false, cancelled: false, ...given };
    const template = text === null ? undefined : text === '' ? literal('') : expression(text);
    assert.equal(evaluateCondition(template, { ...scope, status }), holds);
  });
}

for (const [text, message] of cases.faults) {
  test(`evaluate: ${text} fails with its place`, () => {
    assert.throws(
      () => evaluate(expression(text), scope),
      (error) =>
        error instanceof AntlerError && error.code === 'actions/expression' && error.at === '4:7' && error.message.includes(message),
    );
  });
}

test('evaluate: a list in a list takes the place of its expression', () => {
  const list: Template = { kind: 'sequence', items: [literal('a'), expression('matrix.list'), expression('toJSON(1)')], at };
  assert.deepEqual(evaluate(list, scope), ['a', 1, 2, 3, '1']);
});

test('evaluate: an inserted object gives its entries, and no key may come twice', () => {
  const of = (text: string): Template => ({
    kind: 'mapping',
    entries: [
      { kind: 'entry', key: literal('a'), value: literal(1) },
      { kind: 'insert', value: expression(text) },
      { kind: 'entry', key: expression("format('k{0}', 2)"), value: expression('github.ref') },
    ],
    at,
  });
  assert.deepEqual(evaluate(of('fromJSON(\'{"b": [2]}\')'), scope), { a: 1, b: [2], k2: 'refs/heads/main' });
  assert.throws(() => evaluate(of('fromJSON(\'{"A": 2}\')'), scope), /the key `A` is there twice/);
  assert.throws(() => evaluate(of('matrix.list'), scope), /only an object can be inserted/);
});

test('evaluateText: a list or an object is no text', () => {
  assert.throws(() => evaluateText(expression('matrix.list'), scope), /it gives a list where text is needed/);
  assert.throws(() => evaluateText(expression('github'), scope), /it gives an object where text is needed/);
});

test('evaluate: status functions and hashFiles() are refused where there is none', () => {
  assert.throws(() => evaluate(expression('success()'), { contexts: {} }), /are not available here/);
  assert.throws(() => evaluate(expression("hashFiles('a')"), { contexts: {} }), /hashFiles\(\) is not available here/);
});
