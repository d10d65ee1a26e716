import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Undo } from '../host/types.ts';
import { claim, drop, EMPTY_LEDGER, forget, isEmpty, release, reserve, unclaimed } from './ledger-plan.ts';

const a = { id: 'aaaaaaaa', home: '/a' };
const b = { id: 'bbbbbbbb', home: '/b' };
const podman: Undo = { kind: 'package', name: 'podman' };
const motd: Undo = { kind: 'file', path: '/etc/motd', before: { kind: 'absent' } };
const group: Undo = { kind: 'group', name: 'antler', made: false, added: ['me'] };

test('claim() keeps what was there before the first one', () => {
  const first = claim(EMPTY_LEDGER, a, { key: 'package:podman', undo: podman });
  const second = claim(first, b, { key: 'package:podman', undo: null });
  assert.deepEqual(second.entries['package:podman'], { kind: 'resource', undo: podman, users: [a.id, b.id] });
  assert.deepEqual(claim(second, a, { key: 'package:podman', undo: { ...podman, name: 'other' } }), second);
});

test('claim() notes the first change of what was right at first', () => {
  const first = claim(EMPTY_LEDGER, a, { key: 'file:/etc/motd', undo: null });
  assert.deepEqual(unclaimed(release(claim(first, a, { key: 'file:/etc/motd', undo: motd }), a.id, { purge: false }), { purge: false }), [
    { key: 'file:/etc/motd', undo: motd },
  ]);
});

test('claim() remembers every member that instances put into a group', () => {
  const first = claim(EMPTY_LEDGER, a, { key: 'group:antler', undo: group });
  const second = claim(first, b, { key: 'group:antler', undo: { ...group, added: ['you'] } });
  const entry = second.entries['group:antler'];
  assert.deepEqual(entry?.kind === 'resource' ? entry.undo : undefined, { ...group, added: ['me', 'you'] });
});

test('unclaimed() is empty as long as one instance uses the thing', () => {
  let ledger = claim(EMPTY_LEDGER, a, { key: 'file:/etc/motd', undo: motd });
  ledger = claim(ledger, b, { key: 'file:/etc/motd', undo: null });
  ledger = release(ledger, a.id, { purge: true });
  assert.deepEqual(unclaimed(ledger, { purge: true }), []);
  assert.deepEqual(unclaimed(drop(ledger, b.id, new Set(['file:/etc/motd'])), { purge: true }), [{ key: 'file:/etc/motd', undo: motd }]);
});

test('unclaimed() lets our packages stay until a purge, and forgets those that were there before us', () => {
  let ledger = claim(EMPTY_LEDGER, a, { key: 'package:podman', undo: podman });
  ledger = claim(ledger, a, { key: 'package:git', undo: null });
  ledger = release(ledger, a.id, { purge: false });
  assert.deepEqual(unclaimed(ledger, { purge: false }), [{ key: 'package:git', undo: null }]);
  assert.deepEqual(
    unclaimed(ledger, { purge: true }).map(({ key }) => key),
    ['package:podman', 'package:git'],
  );
});

test('release() keeps reservations, and the home that has them, until a purge', () => {
  let ledger = reserve(EMPTY_LEDGER, a, { kind: 'address-block', block: 44 });
  ledger = claim(ledger, a, { key: 'file:/etc/motd', undo: motd });
  const down = release(ledger, a.id, { purge: false });
  assert.deepEqual(down.entries['address-block:44']?.users, [a.id]);
  assert.deepEqual(down.homes, { [a.id]: '/a' });
  const purged = release(down, a.id, { purge: true });
  assert.deepEqual(purged.homes, {});
  assert.ok(isEmpty(forget(purged, new Set(unclaimed(purged, { purge: true }).map(({ key }) => key)))));
});
