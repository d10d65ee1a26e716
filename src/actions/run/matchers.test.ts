import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMatchers } from './matchers.ts';

const file = (owner: string, pattern: readonly object[], more: object = {}): string =>
  JSON.stringify({ problemMatcher: [{ owner, pattern, ...more }] });
const TSC = file('tsc', [
  {
    regexp: '^([^\\s].*)[\\(:](\\d+)[,:](\\d+)(?:\\):\\s+|\\s+-\\s+)(error|warning|info)\\s+(TS\\d+)\\s*:\\s*(.*)$',
    file: 1,
    line: 2,
    column: 3,
    severity: 4,
    code: 5,
    message: 6,
  },
]);
const ESLINT = file('eslint-stylish', [
  { regexp: '^([^\\s].*)$', file: 1 },
  { regexp: '^\\s+(\\d+):(\\d+)\\s+(error|warning)\\s+(.*)\\s\\s+(.*)$', line: 1, column: 2, severity: 3, message: 4, code: 5, loop: true },
]);

test('createMatchers: one pattern gives kind, place, code and message; severities that are none are output', () => {
  const matchers = createMatchers();
  assert.equal(matchers.match('src/a.ts(3,7): error TS2304: Cannot find name'), undefined);
  matchers.add(TSC);
  assert.deepEqual(matchers.match('src/a.ts(3,7): error TS2304: Cannot find name'), {
    kind: 'error',
    where: { file: 'src/a.ts', line: '3', col: '7', code: 'TS2304', message: 'Cannot find name' },
  });
  assert.equal(matchers.match('src/a.ts(3,7): info TS1: fyi'), undefined);
  assert.equal(matchers.match('all is well'), undefined);
  matchers.remove('tsc');
  assert.deepEqual([matchers.match('src/a.ts(3,7): error TS2304: Cannot'), matchers.active], [undefined, false]);
});

test('createMatchers: several patterns go line by line, the last may loop, and what breaks the row ends it', () => {
  const matchers = createMatchers();
  matchers.add(ESLINT);
  const lines = [
    'test.js',
    '  1:0   error  Missing "use strict" statement  strict',
    '  5:10  warning  unused  no-unused',
    '',
    '  9:9   error  late  x',
  ];
  assert.deepEqual(
    lines.map((line) => {
      const { kind, where } = matchers.match(line) ?? {};
      return kind === undefined ? undefined : [kind, where?.['file'], where?.['line'], where?.['message'], where?.['code']];
    }),
    [
      undefined,
      ['error', 'test.js', '1', 'Missing "use strict" statement', 'strict'],
      ['warning', 'test.js', '5', 'unused', 'no-unused'],
      undefined,
      undefined,
    ],
  );
});

test('createMatchers: the one of the same owner that came last counts, and its severity where no group says one', () => {
  const matchers = createMatchers();
  matchers.add(file('x', [{ regexp: '^a (.*)$', message: 1 }]));
  matchers.add(file('x', [{ regexp: '^b (.*)$', message: 1 }], { severity: 'warning' }));
  assert.deepEqual([matchers.match('a word'), matchers.match('b word')?.kind], [undefined, 'warning']);
});

test('createMatchers: a pattern that takes for ever is given up and told; the others go on', () => {
  const matchers = createMatchers();
  matchers.add(file('good', [{ regexp: '^(a.*)$', message: 1 }]));
  matchers.add(file('evil', [{ regexp: '^(a+)+$', message: 1 }]));
  const began = performance.now();
  assert.equal(matchers.match(`${'a'.repeat(60)}!`)?.kind, 'error');
  assert.ok(performance.now() - began < 5000);
  assert.deepEqual([matchers.tooSlow(), matchers.tooSlow()], [['evil'], []]);
});

for (const [what, text, says] of [
  ['no JSON', 'x', /JSON/],
  ['no list', '{}', /problemMatcher/],
  ['no owner', '{"problemMatcher":[{"pattern":[{"regexp":"x","message":0}]}]}', /owner/],
  ['no message', file('o', [{ regexp: 'x' }]), /names no message/],
  ['a loop alone', file('o', [{ regexp: 'x', message: 0, loop: true }]), /may loop/],
  ['a broken expression', file('o', [{ regexp: '(', message: 0 }]), /regular expression/i],
  ['a group that is none', file('o', [{ regexp: 'x', message: 'm' }]), /no number of a group/],
] as const) {
  test(`createMatchers: ${what} is said`, () => assert.throws(() => createMatchers().add(text), says));
}
