import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';

import { quoteExec, quoteShell, quoteUnit, unitText } from './quote.ts';

const WORDS: readonly (readonly [word: string, shell: string, exec: string])[] = [
  ['plain', 'plain', '"plain"'],
  ['/usr/bin/a-b_c.d:e=f@g%h+i,j', '/usr/bin/a-b_c.d:e=f@g%h+i,j', '"/usr/bin/a-b_c.d:e=f@g%%h+i,j"'],
  ['', "''", '""'],
  ['two words', "'two words'", '"two words"'],
  ["it's", `'it'\\''s'`, `"it's"`],
  ['say "no"', `'say "no"'`, String.raw`"say \"no\""`],
  ['$HOME ${HOME}', "'$HOME ${HOME}'", '"$$HOME $${HOME}"'],
  ['$(id) `id`', "'$(id) `id`'", '"$$(id) `id`"'],
  ['%n %H', "'%n %H'", '"%%n %%H"'],
  [String.raw`back\slash \x41`, String.raw`'back\slash \x41'`, String.raw`"back\\slash \\x41"`],
  ['line\nbreak\ttab', "'line\nbreak\ttab'", String.raw`"line\x0abreak\x09tab"`],
  ['; rm -rf / #', "'; rm -rf / #'", '"; rm -rf / #"'],
  ['*?[a]~!{a,b}', "'*?[a]~!{a,b}'", '"*?[a]~!{a,b}"'],
  ['-n', '-n', '"-n"'],
  ['é ☃ 🫎', "'é ☃ 🫎'", '"é ☃ 🫎"'],
  ['$MAINPIDS', "'$MAINPIDS'", '"$$MAINPIDS"'],
];

for (const [word, shell, exec] of WORDS) {
  test(`quoteShell() and quoteExec() keep ${JSON.stringify(word)} one word`, () => {
    assert.equal(quoteShell(word), shell);
    assert.equal(quoteExec(word), exec);
  });
}

test('quoteShell() is read back by a real shell as it was', () => {
  const words = WORDS.map(([word]) => word);
  const script = `for word in ${words.map((word) => quoteShell(word)).join(' ')}; do printf '%s\\0' "$word"; done`;
  assert.deepEqual(execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1), words);
});

test('quoteExec() leaves the main process variable to systemd', () => {
  assert.equal(quoteExec('$MAINPID'), '$MAINPID');
});

test('quoteUnit() keeps a dollar, which has no meaning in Environment=', () => {
  assert.equal(quoteUnit('A=$B'), '"A=$B"');
});

test('quoteShell() and quoteExec() refuse a NUL byte', () => {
  assert.throws(() => quoteShell('a\0b'), RangeError);
  assert.throws(() => quoteExec('a\0b'), RangeError);
});

test('unitText() is one line without specifiers or a continuation', () => {
  assert.equal(unitText('100 % of\nit\\'), '100 %% of it');
});
