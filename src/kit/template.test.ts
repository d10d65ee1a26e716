import assert from 'node:assert/strict';
import { test } from 'node:test';

import { fill, fillJson, wordsOf } from './template.ts';

test('fill: a value is text, whatever it holds; an unknown word stays', () => {
  const values = { title: '$& {{reason}} `x`', reason: 'no' };
  assert.equal(fill('{{title}} {{ reason }} {{what}} {{}} {{{reason}}}', values), '$& {{reason}} `x` no {{what}} {{}} {no}');
  assert.equal(fill('{{toString}}', values), '{{toString}}');
});

test('fillJson: quotes, line ends, backslashes, emoji and halves of them stay within their string', () => {
  for (const title of ['"', '\\', '"}', '\n\r\t\u0000\u2028', '🦌', '\ud83e', '$(rm -rf /); `x` | & > é']) {
    const parsed = JSON.parse(fillJson('{"text": "<{{title}}>", "again": ["{{title}}"]}', { title })) as { text: string; again: string[] };
    assert.equal(parsed.text, `<${title}>`);
    assert.deepEqual(parsed.again, [title]);
  }
});

test('wordsOf: each once', () => {
  assert.deepEqual(wordsOf('{{a}} {{ b }} {{a}} {c} {{}}'), ['a', 'b', '']);
});
