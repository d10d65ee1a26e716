import assert from 'node:assert/strict';
import { test } from 'node:test';

import { homeOf, typed } from './typed.ts';

for (const [line, shell, pasted] of [
  ['up', { env: {}, home: undefined }, 'antler up'],
  ['up', { env: { ANTLER_TYPED: './antler', PATH: '/bin' }, home: undefined }, './antler up'],
  ['up', { env: { ANTLER_TYPED: '/usr/local/bin/antler', PATH: '/bin:/usr/local/bin' }, home: undefined }, 'antler up'],
  ['up', { env: { ANTLER_TYPED: '/o p/antler', PATH: '/bin' }, home: undefined }, "'/o p/antler' up"],
  ['approve a1', { env: {}, home: '/srv/b' }, 'antler approve a1 --home /srv/b'],
  ['status', { env: {}, home: "/it's" }, "antler status --home '/it'\\''s'"],
  ['exec prod backend -- ls', { env: {}, home: '/b' }, 'antler exec prod backend --home /b -- ls'],
] as const) {
  test(`typed: ${pasted}`, () => {
    assert.equal(typed(line, shell), pasted);
  });
}

test('homeOf reads --home from any words', () => {
  assert.equal(homeOf(['x', '--home', '/a', '--odd']), '/a');
  assert.equal(homeOf(['--home=/b', 'x']), '/b');
  assert.equal(homeOf(['exec', '--', '--home', '/c']), undefined);
  assert.equal(homeOf([]), undefined);
});
