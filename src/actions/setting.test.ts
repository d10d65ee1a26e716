/** Promises about what a secret or a variable may be called and may hold. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { checkValue, settingName } from './setting.ts';

for (const [name, kept] of [
  ['TOKEN', 'TOKEN'],
  ['deploy_Key2', 'DEPLOY_KEY2'],
  ['_', '_'],
  ['GITHUB', 'GITHUB'],
  ['antlers_antler_', 'ANTLERS_ANTLER_'],
  ['x'.repeat(100), 'X'.repeat(100)],
] as const) {
  test(`settingName ${name.slice(0, 20)}: is kept in capitals`, () => assert.equal(settingName('secret', name), kept));
}

for (const [name, says] of [
  ['', /the name is empty/],
  ['2FA', /2FA begins with a digit/],
  ['github_token', /GITHUB_TOKEN begins with GITHUB_/],
  ['ANTLER_URL', /begins with ANTLER_/],
  ['x'.repeat(101), /101 signs/],
  ['MY-TOKEN', /"-" stands after "MY"/],
  ['ÜBER', /"Ü" stands after ""/],
  ['A\nB', /"\\n" stands after "A"/],
  ['../../v1/health', /"\." stands after ""/],
  ['😀', /"😀" stands after ""/],
] as const) {
  test(`settingName ${JSON.stringify(name.slice(0, 20))}: is refused, with why`, () => {
    assert.throws(() => settingName('variable', name), hasWords('actions/setting-name', says));
  });
}

test('settingName repeats nothing of a value that stands in the name', () => {
  assert.throws(
    () => settingName('secret', 'TOKEN=hunter2'),
    (error) =>
      error instanceof AntlerError && error.message.endsWith('after "TOKEN"') && !JSON.stringify(error.toBody()).includes('hunter2'),
  );
});

for (const [what, value, says] of [
  ['nothing', '', /is empty/],
  ['a NUL', 'a\0hunter2', /is no text/],
  ['half a pair', 'hunter2\uD800', /is no text/],
  ['one byte too many', `hunter2${'ä'.repeat(24_573)}`, /has 49153 bytes, and 49152/],
] as const) {
  test(`checkValue refuses ${what}, and does not repeat it`, () => {
    assert.throws(() => checkValue('secret', 'TOKEN', value), hasWords('actions/setting-value', says));
  });
}

test('checkValue takes 48 KiB, lines and signs of any language', () => {
  for (const value of ['x'.repeat(49_152), '-----BEGIN\nline\r\n\n', '\u{1F98C}\tÄ', ' ']) checkValue('secret', 'TOKEN', value);
});

function hasWords(code: string, says: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof AntlerError);
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.match(error.message, /^Cannot .* as /);
    assert.ok(!JSON.stringify(error.toBody()).includes('hunter2'));
    return true;
  };
}
