import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { listMatches, listProblem } from './patterns.ts';

type Case = readonly [pattern: string, yes: readonly string[], no: readonly string[]];

const cases = JSON.parse(readFileSync(new URL('../../../test/cases/actions/globs.json', import.meta.url), 'utf8')) as readonly Case[];

for (const [pattern, yes, no] of cases) {
  test(`listMatches: ${pattern}`, () => {
    assert.deepEqual(
      [...yes, ...no].filter((text) => listMatches([pattern], text)),
      yes,
    );
    assert.equal(listProblem([pattern]), undefined);
  });
}

test('listMatches: order counts, and `!` takes back', () => {
  const markdown = ['*.md', '!README.md'];
  assert.deepEqual(
    ['hello.md', 'README.md', 'docs/hello.md'].filter((file) => listMatches(markdown, file)),
    ['hello.md'],
  );
  assert.deepEqual(
    ['hello.md', 'README.md', 'README.doc'].filter((file) => listMatches([...markdown, 'README*'], file)),
    ['hello.md', 'README.md', 'README.doc'],
  );
  assert.equal(listMatches(['!releases/**-alpha', 'releases/**'], 'releases/beta/3-alpha'), true);
  assert.equal(listMatches(['releases/**', '!releases/**-alpha'], 'releases/beta/3-alpha'), false);
});

test('listProblem: says what is wrong with a pattern', () => {
  const faults = [['?a'], ['main', '[a'], ['[]'], ['[z-a]'], ['a\\'], ['!+']];
  assert.deepEqual(
    faults.map((list) => listProblem(list)?.message),
    [
      'The pattern `?a` is not right: `?` follows no character',
      'The pattern `[a` is not right: `[` is not closed',
      'The pattern `[]` is not right: `[]` is empty or has a range that runs backwards',
      'The pattern `[z-a]` is not right: `[z-a]` is empty or has a range that runs backwards',
      'The pattern `a\\` is not right: it ends with `\\`',
      'The pattern `!+` is not right: `+` follows no character',
    ],
  );
  assert.equal(listProblem(['!a', '!b'])?.warning, true);
});

test('listMatches: no pattern takes long', () => {
  const begun = performance.now();
  assert.equal(listMatches([`${'*a'.repeat(40)}b`, `${'**/'.repeat(40)}z`, '(a+)+b'], 'a'.repeat(2000)), false);
  assert.ok(performance.now() - begun < 1500);
});
