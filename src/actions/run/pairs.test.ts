import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parsePairs } from './pairs.ts';

const CASES: readonly (readonly [string, readonly (readonly [string, string])[]])[] = [
  ['', []],
  ['a=b', [['a', 'b']]],
  [
    'a=b\n\nc=d\n',
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  ],
  ['a=b=c\n', [['a', 'b=c']]],
  ['a=\n', [['a', '']]],
  ['a=b<<c\n', [['a', 'b<<c']]],
  [
    'a<<EOF\nx\ny\nEOF\nb=c\n',
    [
      ['a', 'x\ny'],
      ['b', 'c'],
    ],
  ],
  ['a<<EOF\nEOF\n', [['a', '']]],
  ['a<<EOF\n\nEOF\n', [['a', '']]],
  ['a<<EOF\n\n\nEOF', [['a', '\n']]],
  ['a<<EOF\nx=1\nb<<c\nEOF\n', [['a', 'x=1\nb<<c']]],
  ['a<<=\nx\n=\n', [['a', 'x']]],
  ['\uFEFFa=b\n', [['a', 'b']]],
  ['é "quoted" \'$x\'=💥 `$(id)`\n', [['é "quoted" \'$x\'', '💥 `$(id)`']]],
  ['a=b\r\n', [['a', 'b\r']]],
];

for (const [text, pairs] of CASES) test(`parsePairs: ${JSON.stringify(text)}`, () => assert.deepEqual(parsePairs(text), pairs));

const WRONG: readonly (readonly [string, string])[] = [
  ['nothing\n', "Invalid format 'nothing'"],
  ['=b\n', "Invalid format '=b'. Name must not be empty"],
  ['<<EOF\nEOF\n', "Invalid format '<<EOF'. Name must not be empty and delimiter must not be empty"],
  ['a<<\nb\n', "Invalid format 'a<<'. Name must not be empty and delimiter must not be empty"],
  ['a<<EOF\nb\n', "Invalid value. Matching delimiter not found 'EOF'"],
  ['a<<EOF\nb', 'Invalid value. EOF marker missing new line.'],
];

for (const [text, message] of WRONG) {
  test(`parsePairs: ${JSON.stringify(text)} is refused in GitHub’s words`, () => assert.throws(() => parsePairs(text), { message }));
}
