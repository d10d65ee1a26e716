/** createSignIn(): links work once, sessions have two halves, nothing is kept that signs in. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { openPlatform } from '../../store/store.ts';
import { createSignIn, LINK_MS, SESSION_MS, TRIES, type Session } from './sign-in.ts';

function setUp(t: TestContext) {
  const store = openPlatform(':memory:');
  t.after(() => store[Symbol.dispose]());
  const time = { at: 1_000_000 };
  return { time, signIn: createSignIn({ sessions: store.sessions, clock: { now: () => time.at } }) };
}

function taken(made: Session | string): Session {
  return typeof made === 'object' ? made : assert.fail(made);
}

test('createSignIn(): a link signs in who asked for it, once', (t) => {
  const { signIn } = setUp(t);
  const { token } = signIn.link('ann');
  const { cookie, key } = taken(signIn.redeem(token, 'here'));
  assert.equal(signIn.guest(cookie, key)?.actor, 'ann');
  assert.equal(signIn.visitor(cookie)?.actor, 'ann');
  assert.equal(signIn.redeem(token, 'here'), 'refused');
});

test('createSignIn(): a link that is too old does not sign in', (t) => {
  const { signIn, time } = setUp(t);
  const { token } = signIn.link('ann');
  time.at += LINK_MS;
  assert.equal(signIn.redeem(token, 'here'), 'refused');
});

test('createSignIn(): the cookie alone, which other ports of the host are sent, gets no data', (t) => {
  const { signIn } = setUp(t);
  const one = taken(signIn.redeem(signIn.link('ann').token, 'here'));
  const other = taken(signIn.redeem(signIn.link('bob').token, 'here'));
  assert.equal(signIn.guest(one.cookie, ''), undefined);
  assert.equal(signIn.guest(one.cookie, other.key), undefined);
  assert.equal(signIn.guest('', one.key), undefined);
});

test('createSignIn(): a session ends by itself, and where it is signed out', (t) => {
  const { signIn, time } = setUp(t);
  const first = taken(signIn.redeem(signIn.link('ann').token, 'here'));
  time.at += SESSION_MS;
  assert.equal(signIn.guest(first.cookie, first.key), undefined);
  const second = taken(signIn.redeem(signIn.link('ann').token, 'here'));
  signIn.out(second.cookie, second.key);
  assert.equal(signIn.guest(second.cookie, second.key), undefined);
  assert.equal(signIn.visitor(second.cookie), undefined);
});

test('createSignIn(): wrong tokens of one address are slowed down, others are not', (t) => {
  const { signIn, time } = setUp(t);
  for (let at = 0; at < TRIES; at += 1) assert.equal(signIn.redeem(`wrong${at}`, 'there'), 'refused');
  assert.equal(signIn.redeem(signIn.link('ann').token, 'there'), 'too-many');
  taken(signIn.redeem(signIn.link('ann').token, 'here'));
  time.at += 60_000;
  taken(signIn.redeem(signIn.link('ann').token, 'there'));
});
