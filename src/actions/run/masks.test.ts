import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createMasks } from './masks.ts';

const SECRET = 'p"a\'ss<w>ö/rd&+end & more!';

/** How programs print it. */
const PRINTED: readonly (readonly [string, string])[] = [
  ['raw', SECRET],
  ['base64', base64(SECRET)],
  ['base64 of user:secret', base64(`user:${SECRET}`).slice(8)],
  ['base64 shifted by one byte', base64(`x${SECRET}`).slice(4)],
  ['base64 shifted by two bytes', base64(`xy${SECRET}`).slice(4)],
  ['base64 for URLs', Buffer.from(SECRET).toString('base64url')],
  ['in an URL', encodeURIComponent(SECRET)],
  ['in an URL, as .NET escapes', encodeURIComponent(SECRET).replaceAll('!', '%21').replaceAll("'", '%27')],
  ['in a form', encodeURIComponent(SECRET).replaceAll('%20', '+')],
  ['in JSON', JSON.stringify(SECRET).slice(1, -1)],
  ['in JSON of ASCII only', JSON.stringify(SECRET).slice(1, -1).replaceAll('ö', '\\u00f6')],
  ['in XML', 'p&quot;a&apos;ss&lt;w&gt;ö/rd&amp;+end &amp; more!'],
  ['on a command line', SECRET.replaceAll('"', '\\"')],
  ['in an expression', SECRET.replaceAll("'", "''")],
  ['PowerShell, before the ampersand', 'p"a\'ss<w>ö/rd&+'],
  ['PowerShell, after the ampersand', 'nd & more!'],
];

for (const [what, printed] of PRINTED) {
  test(`createMasks: ${what}`, () => {
    const masks = createMasks([SECRET]);
    assert.equal(masks.mask(`> ${printed} <`).includes(printed), false);
    assert.equal(masks.holds(printed), true);
  });
}

test('createMasks: the raw secret becomes ***, and nothing around it is touched', () => {
  assert.equal(createMasks(['hunter22']).mask('a hunter22 b hunter22hunter22 c'), 'a *** b *** c');
});

test('createMasks: secrets that overlap leave nothing between them', () => {
  assert.equal(createMasks(['abcdef', 'defghi']).mask('-abcdefghi-'), '-***-');
});

test('createMasks: a secret of several lines is masked line by line and with its newlines escaped', () => {
  const masks = createMasks(['first line\nsecond line\r\n']);
  assert.equal(masks.mask('a first line'), 'a ***');
  assert.equal(masks.mask('second line'), '***');
  assert.equal(masks.mask(JSON.stringify('first line\nsecond line')), '"***"');
});

test('createMasks: quotes around a secret are not needed to know it', () => {
  assert.equal(createMasks(['"quoted secret"']).mask('quoted secret'), '***');
});

test('createMasks: an empty secret masks nothing', () => {
  const masks = createMasks(['', ' ', '\n']);
  assert.equal(masks.mask('a b c'), 'a b c');
  assert.equal(masks.holds('a b'), false);
});

test('createMasks: a line of 8 MB with 20 secrets is masked within a second', () => {
  const masks = createMasks(Array.from({ length: 20 }, (_, index) => `secret number ${index} of many`));
  const line = `${'x'.repeat(4_000_000)}secret number 7 of many${'y'.repeat(4_000_000)}`;
  const began = performance.now();
  assert.equal(masks.mask(line).length, 8_000_003);
  assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
});

function base64(text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '');
}
