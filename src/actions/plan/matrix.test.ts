import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { JobSpec, MatrixCell, Template } from '../model.ts';
import { expandMatrix } from './matrix.ts';

interface Case {
  readonly name: string;
  readonly matrix: unknown;
  readonly cells?: readonly (readonly [name: string, cell: MatrixCell])[];
  readonly fault?: string;
}

const cases = JSON.parse(readFileSync(new URL('../../../test/cases/actions/matrix.json', import.meta.url), 'utf8')) as readonly Case[];

const at = { line: 3, column: 5 };
const expression = (text: string): Template => ({ kind: 'expression', text, at });
const literal = (value: string | number | boolean): Template => ({ kind: 'literal', value, at });

function jobWith(keys: Partial<JobSpec>): JobSpec {
  return { id: 'job', at, needs: [], runsOn: literal('x'), defaults: {}, steps: [], ...keys };
}

const dynamic = jobWith({ strategy: { matrix: expression('fromJSON(needs.plan.outputs.matrix)') } });
const scopeOf = (matrix: unknown): Parameters<typeof expandMatrix>[1] => ({
  contexts: { needs: { plan: { outputs: { matrix: JSON.stringify(matrix) } } } },
});

for (const { name, matrix, cells, fault } of cases) {
  test(`expandMatrix: ${name}`, () => {
    if (fault !== undefined) {
      assert.throws(
        () => expandMatrix(dynamic, scopeOf(matrix)),
        (error: Error & { at?: string }) => error.message.includes(fault) && error.at === '3:5',
      );
      return;
    }
    const found = expandMatrix(dynamic, scopeOf(matrix));
    assert.deepEqual(
      found.map((cell) => [cell.name, cell.matrix]),
      cells,
    );
    assert.deepEqual(
      found.map(({ key }) => key),
      found.map((_, index) => `job (${index + 1})`),
    );
  });
}

test('expandMatrix: a job without a matrix is one cell with the job’s id', () => {
  assert.deepEqual(expandMatrix(jobWith({}), { contexts: {} }), [
    { key: 'job', name: 'job', matrix: undefined, strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 } },
  ]);
});

test('expandMatrix: a plain name gets the values, a name with an expression is what it says', () => {
  const names = (name: Template): readonly string[] => expandMatrix({ ...dynamic, name }, scopeOf({ a: [1, 2] })).map((cell) => cell.name);
  assert.deepEqual(names(literal('Test')), ['Test (1)', 'Test (2)']);
  assert.deepEqual(names(expression("format('Test {0} of {1}', matrix.a, strategy.job-total)")), ['Test 1 of 2', 'Test 2 of 2']);
  assert.equal(names(literal('x'.repeat(120)))[0]?.length, 100);
});

test('expandMatrix: fail-fast and max-parallel may be expressions, and null is as if absent', () => {
  const strategyOf = (failFast: string, maxParallel: string): readonly unknown[] => {
    const { strategy } = dynamic;
    const [cell] = expandMatrix(
      { ...dynamic, strategy: { ...strategy, failFast: expression(failFast), maxParallel: expression(maxParallel) } },
      scopeOf({ a: [1, 2, 3] }),
    );
    return [cell?.strategy['fail-fast'], cell?.strategy['max-parallel']];
  };
  assert.deepEqual(strategyOf('false', '2'), [false, 2]);
  assert.deepEqual(strategyOf('vars.x', 'vars.y'), [true, 3]);
  assert.deepEqual(strategyOf("'true'", '9'), [true, 9]);
  assert.throws(() => strategyOf('true', '0'), /`max-parallel` is no whole number from 1/);
});

test('expandMatrix: 256 cells are allowed, 257 are not, and exclude is counted', () => {
  const many = (count: number): unknown => ({ n: Array.from({ length: count }, (_, index) => index) });
  assert.equal(expandMatrix(dynamic, scopeOf(many(256))).length, 256);
  assert.throws(() => expandMatrix(dynamic, scopeOf(many(257))), /more than 256 cells/);
  assert.equal(expandMatrix(dynamic, scopeOf({ ...(many(257) as object), exclude: [{ n: 0 }] })).length, 256);
  // as a product it would not fit into any memory
  const endless = Object.fromEntries(Array.from('abcdefghijklmnop', (key) => [key, [1, 2, 3, 4, 5, 6, 7, 8, 9]]));
  assert.throws(() => expandMatrix(dynamic, scopeOf(endless)), /more than 256 cells/);
});
