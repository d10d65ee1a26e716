import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createLineSplitter, type SplitOptions } from './lines.ts';
import { createMasks } from './masks.ts';

/** Chunks → the lines, the last one marked where it had no newline. */
function split(chunks: readonly (string | readonly number[])[], options: SplitOptions = {}): string[] {
  const splitter = createLineSplitter(options);
  const lines = chunks.flatMap((chunk) => splitter.push(typeof chunk === 'string' ? Buffer.from(chunk) : Uint8Array.from(chunk)));
  const rest = splitter.end();
  return rest === undefined ? [...lines] : [...lines, `${rest}|`];
}

const CASES: readonly (readonly [string, readonly (string | readonly number[])[], readonly string[]])[] = [
  ['nothing', [], []],
  ['one line', ['a\n'], ['a']],
  ['no newline at the end', ['a\nb'], ['a', 'b|']],
  ['\\r\\n', ['a\r\nb\r\n'], ['a', 'b']],
  ['\\r\\n cut between two chunks', ['a\r', '\nb\n'], ['a', 'b']],
  ['\\r inside of a line stays', ['10%\r20%\n'], ['10%\r20%']],
  ['empty lines', ['\n\na\n\n'], ['', '', 'a', '']],
  ['a line over many chunks', ['a', 'b', 'c', '\nd'], ['abc', 'd|']],
  [
    'a character cut between two chunks',
    [
      [0xf0, 0x9f],
      [0x98, 0x80, 0x0a],
    ],
    ['😀'],
  ],
  ['half a character at the end', [[0x61, 0xc3]], ['a�|']],
  ['bytes that are no UTF-8', [[0xff, 0xfe, 0x00, 0x0a]], ['��\0']],
];

for (const [what, chunks, lines] of CASES) {
  test(`createLineSplitter: ${what}`, () => assert.deepEqual(split(chunks), lines));
}

test('createLineSplitter: a line of 1 MB in small chunks comes as one', () => {
  const lines = split([...Array.from({ length: 1024 }, () => 'x'.repeat(1024)), '\nend\n']);
  assert.deepEqual(
    lines.map(({ length }) => length),
    [1024 * 1024, 3],
  );
});

test('createLineSplitter: a line without end is handed out in pieces, so that memory stays bounded', () => {
  const lines = split([...Array.from({ length: 10 }, () => 'x'.repeat(100)), '\n'], { maxChars: 300 });
  assert.deepEqual(
    lines.map(({ length }) => length),
    [300, 300, 300, 100],
  );
});

test('createLineSplitter: a secret across the border of two pieces is masked, wherever the chunks end', () => {
  const masks = createMasks(['s3cr3t-token']);
  for (let before = 80; before <= 110; before++) {
    for (const size of [1, 7, 50, 1000]) {
      const text = `${'x'.repeat(before)}s3cr3t-token${'y'.repeat(150)}`;
      const chunks = Array.from({ length: Math.ceil(text.length / size) }, (_, index) => text.slice(index * size, (index + 1) * size));
      const pieces = split([...chunks, '\n'], { maxChars: 100, masks }).map((piece) => masks.mask(piece));
      assert.equal(pieces.join(''), text.replace('s3cr3t-token', '***'), `${before} before, chunks of ${size}`);
      assert.ok(pieces.length > 1, 'it came in one piece');
    }
  }
});

test('createLineSplitter: pieces are cut through no character, and a \\r at the end of one stays', () => {
  const masks = createMasks(['abcd']);
  const text = `${'x'.repeat(6)}${'😀'.repeat(20)}\r${'z'.repeat(30)}`;
  const pieces = split([text, '\n'], { maxChars: 10, masks });
  assert.equal(pieces.join(''), text);
  assert.ok(pieces.every((piece) => piece.isWellFormed()));
});
