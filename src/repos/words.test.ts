/** The pure parts of the room, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { refspecs } from './checkout.ts';
import { parseMoves } from './journal.ts';
import { candidates, isRefName, ZERO } from './names.ts';
import { FLUSH, packet, parsePackets } from './pkt-line.ts';
import { parseWish, pullNumber, topicOf } from './pulls.ts';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

test('isRefName: git’s rules, so that no expression gets through', () => {
  for (const name of ['main', 'feat/x', '🫎', '$(id)', "it's", 'a;b', '"q"', 'x@y', '{a}']) assert.equal(isRefName(name), true, name);
  const not = [
    '',
    '@',
    '-x',
    'a..b',
    'a@{1}',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a\nb',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.',
  ];
  for (const name of not) assert.equal(isRefName(name), false, JSON.stringify(name));
});

test('candidates: branches before tags before abbreviated commits', () => {
  assert.deepEqual(candidates('main'), ['refs/heads/main', 'refs/tags/main']);
  assert.deepEqual(candidates('abcdef1'), ['refs/heads/abcdef1', 'refs/tags/abcdef1', 'abcdef1']);
  assert.deepEqual(candidates(A), [A]);
  assert.deepEqual(candidates('refs/pull/1/head'), ['refs/pull/1/head']);
  assert.deepEqual(candidates('main~1'), []);
});

test('parsePackets: whole packets, what is left over, flushes; refuses what is none', () => {
  const bytes = Buffer.from(`${packet('ok 🫎\n')}${FLUSH}${packet('half')}`);
  const cut = bytes.subarray(0, -2);
  const { packets, rest } = parsePackets(cut);
  assert.deepEqual(packets, [{ kind: 'data', text: 'ok 🫎' }, { kind: 'flush' }]);
  assert.equal(rest.toString(), '0008ha');
  assert.throws(() => parsePackets(Buffer.from('nope')), RangeError);
  assert.throws(() => parsePackets(Buffer.from('0003')), RangeError);
});

test('parseWish: the longest branch is the base, what is left the topic', () => {
  const branches = new Set(['main', 'release', 'release/1.0']);
  const cases = [
    ['refs/for/main/topic', { base: 'main', topic: 'topic' }],
    ['refs/for/release/1.0/a/b', { base: 'release/1.0', topic: 'a/b' }],
    ['refs/for/release/2.0', { base: 'release', topic: '2.0' }],
    ['refs/for/main', { base: 'main', topic: 'ada' }],
    ['refs/for/mainly/x', undefined],
    ['refs/for/', undefined],
  ] as const;
  for (const [ref, wish] of cases) assert.deepEqual(parseWish(ref, branches, 'ada'), wish, ref);
});

test('topicOf: what was said if it can be a name, else the pusher', () => {
  assert.equal(topicOf(['x=1', 'topic=feat/a'], 'ada'), 'feat/a');
  assert.equal(topicOf(['topic=a b'], 'ada (sudo)'), 'ada-sudo');
  assert.equal(topicOf([], '…'), 'someone');
  assert.equal(topicOf([], 'uid 1005'), 'uid-1005');
});

test('pullNumber: only refs/pull/N/head', () => {
  assert.equal(pullNumber('refs/pull/12/head'), 12);
  for (const ref of ['refs/pull/0/head', 'refs/pull/1/merge', 'refs/heads/refs/pull/1/head', 'refs/pull/01/head'])
    assert.equal(pullNumber(ref), undefined, ref);
});

test('parseMoves: new, moved and gone; what did not move is left out', () => {
  const text = `${ZERO} ${A} refs/heads/new branch\n${A} ${B} refs/heads/$(id)\n${B} ${ZERO} refs/tags/v1\n${A} ${A} refs/pull/1/head\n`;
  assert.deepEqual(parseMoves(text), [
    { ref: 'refs/heads/new branch', before: undefined, after: A },
    { ref: 'refs/heads/$(id)', before: A, after: B },
    { ref: 'refs/tags/v1', before: B, after: undefined },
  ]);
});

test('refspecs: the run’s own commit, under the name that actions/checkout gives it', () => {
  const of = (ref: string | undefined, depth: number, more: { tags?: boolean; moved?: boolean } = {}): readonly string[] =>
    refspecs({ sha: A, ref, depth, tags: false, moved: false, ...more });
  const heads = '+refs/heads/*:refs/remotes/origin/*';
  const tags = '+refs/tags/*:refs/tags/*';
  assert.deepEqual(of('refs/heads/a/b', 1), [`+${A}:refs/remotes/origin/a/b`]);
  assert.deepEqual(of('refs/heads/a/b', 1, { tags: true }), [`+${A}:refs/remotes/origin/a/b`, tags]);
  assert.deepEqual(of('refs/heads/a/b', 0), [A, heads, tags]);
  assert.deepEqual(of('refs/tags/v1', 1), ['+refs/tags/v1:refs/tags/v1']);
  assert.deepEqual(of('refs/tags/v1', 1, { moved: true, tags: true }), [`+${A}:refs/tags/v1`]);
  assert.deepEqual(of('refs/tags/v1', 0), [A, heads, tags]);
  assert.deepEqual(of('refs/pull/3/head', 1), [`+${A}:refs/remotes/pull/3/head`]);
  assert.deepEqual(of(undefined, 1), [A]);
});
