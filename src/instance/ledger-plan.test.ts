import assert from 'node:assert/strict';
import { test } from 'node:test';

import { claim, EMPTY_LEDGER, forget, isEmpty, keyOf, release, unclaimed } from './ledger-plan.ts';
import type { Before, Thing } from './types.ts';

const a = { id: 'aaaaaaaa', home: '/a' };
const b = { id: 'bbbbbbbb', home: '/b' };
const podman: Thing = { kind: 'package', name: 'podman' };
const file: Thing = { kind: 'file', path: '/etc/motd' };
const block: Thing = { kind: 'address-block', block: 44 };
const absent: Before = { kind: 'absent' };

test('claim() keeps what was there before the first one', () => {
  const first = claim(EMPTY_LEDGER, a, { thing: podman, before: absent });
  const second = claim(first, b, { thing: podman, before: { kind: 'present' } });
  assert.deepEqual(second.entries[keyOf(podman)], { thing: podman, before: absent, users: [a.id, b.id] });
  assert.deepEqual(claim(second, a, { thing: podman, before: absent }), second);
});

test('unclaimed() is empty as long as one instance uses the thing', () => {
  let ledger = claim(EMPTY_LEDGER, a, { thing: file, before: absent });
  ledger = claim(ledger, b, { thing: file, before: absent });
  ledger = release(ledger, a.id, { purge: true });
  assert.deepEqual(unclaimed(ledger, { purge: true }), []);
  ledger = release(ledger, b.id, { purge: true });
  assert.deepEqual(
    unclaimed(ledger, { purge: true }).map((entry) => keyOf(entry.thing)),
    ['file:/etc/motd'],
  );
});

test('unclaimed() lets our packages stay until a purge, and forgets those that were there before us', () => {
  let ledger = claim(EMPTY_LEDGER, a, { thing: podman, before: absent });
  ledger = claim(ledger, a, { thing: { kind: 'package', name: 'git' }, before: { kind: 'present' } });
  ledger = release(ledger, a.id, { purge: false });
  assert.deepEqual(
    unclaimed(ledger, { purge: false }).map((entry) => keyOf(entry.thing)),
    ['package:git'],
  );
  assert.equal(unclaimed(ledger, { purge: true }).length, 2);
});

test('release() keeps reservations, and the home that has them, until a purge', () => {
  let ledger = claim(EMPTY_LEDGER, a, { thing: block, before: absent });
  ledger = claim(ledger, a, { thing: file, before: absent });
  const down = release(ledger, a.id, { purge: false });
  assert.deepEqual(down.entries[keyOf(block)]?.users, [a.id]);
  assert.deepEqual(down.homes, { [a.id]: '/a' });
  const purged = release(down, a.id, { purge: true });
  assert.deepEqual(purged.homes, {});
  assert.ok(isEmpty(forget(purged, unclaimed(purged, { purge: true }))));
});
