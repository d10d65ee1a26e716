/** Promises about a value that is typed or pasted unseen. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { NOTHING_TYPED, type, withoutLineEnd } from './hidden.ts';

for (const [what, chunks, text] of [
  ['one line', ['hunter2\u0004'], 'hunter2'],
  ['Enter before Ctrl-D', ['hunter2', '\r', '\u0004'], 'hunter2'],
  ['many lines, in pieces', ['-----BEGIN\rli', 'ne\n', '\r-----END\r\u0004'], '-----BEGIN\nline\n\n-----END'],
  ['nothing after Ctrl-D', ['a\u0004b\rc'], 'a'],
  ['Backspace, also over an emoji and a line end', ['ab\u007F😀\u007F\r\bc\u0004'], 'ac'],
  ['Backspace at the beginning', ['\u007F\ba\u0004'], 'a'],
  ['Ctrl-U takes the line back', ['wrong\u0015right\rwrong\u0015\u0004'], 'right'],
  ['arrows, also cut in two, and pasting marks', ['a\u001B[Db\u001B', '[200~c\u001B[20', '1~d\u001BOAe\u0004'], 'abcde'],
  ['tabs stay, other control signs go', ['a\tb\u0000\u0007c\u0004'], 'a\tbc'],
] as const) {
  test(`type: ${what}`, () => {
    const typed = chunks.reduce((typing, chunk) => type(typing, chunk), NOTHING_TYPED);
    assert.deepEqual([typed.text, typed.end], [text, 'done']);
  });
}

test('type: Ctrl-C forgets what was typed', () => {
  assert.deepEqual(type(NOTHING_TYPED, 'hunter2\u0003more\u0004'), { text: '', key: 'none', end: 'interrupted' });
});

test('withoutLineEnd takes one line end, as echo adds it', () => {
  assert.deepEqual(
    ['a\n', 'a\r\n', 'a\n\n', 'a', '\n', 'a\nb'].map((text) => withoutLineEnd(text)),
    ['a', 'a', 'a\n', 'a', '', 'a\nb'],
  );
});
