import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { EMPTY_LEDGER, reserve } from './ledger-plan.ts';
import { chooseAutoRange, chooseBlock, chooseIdBlock, choosePort, IDS_PER_INSTANCE, type HostRoute } from './plan-blocks.ts';
import type { Ledger, Reservation } from './types.ts';

/** `00000000` begins at 10.11. */
const ID = '00000000';

function holding(...all: readonly Reservation[]): Ledger {
  return all.reduce((ledger, what) => reserve(ledger, { id: 'other', home: '/other' }, what), EMPTY_LEDGER);
}

const near = (subnet: string): HostRoute => ({ subnet, gateway: false });
const far = (subnet: string): HostRoute => ({ subnet, gateway: true });

const blocks: readonly { readonly name: string; readonly routes: readonly HostRoute[]; readonly ledger?: Ledger; readonly want: number }[] =
  [
    { name: 'an empty machine', routes: [], want: 11 },
    { name: 'the default route alone', routes: [far('default'), far('0.0.0.0/0')], want: 11 },
    { name: 'a /24 in the first block', routes: [near('10.11.7.0/24')], want: 12 },
    { name: 'a single address in it', routes: [near('10.11.255.255')], want: 12 },
    { name: 'a /12 over the first five', routes: [near('10.0.0.0/12')], want: 16 },
    { name: 'another instance', routes: [], ledger: holding({ kind: 'address-block', block: 11 }), want: 12 },
    { name: 'a company network behind a gateway', routes: [far('10.0.0.0/8'), near('10.11.1.0/24')], want: 12 },
  ];

for (const { name, routes, ledger, want } of blocks) {
  test(`chooseBlock() stays clear of ${name}`, () => assert.equal(chooseBlock(ID, routes, ledger ?? EMPTY_LEDGER), want));
}

test('chooseBlock() begins elsewhere for another home, and never takes a block that clusters use', () => {
  const seen = new Set(Array.from({ length: 300 }, (_, n) => chooseBlock(n.toString(16), [], EMPTY_LEDGER)));
  assert.equal(seen.size, 74);
  assert.ok(!seen.has(42) && !seen.has(43) && !seen.has(88));
});

test('chooseBlock() refuses where everything is on a network of ours', () => {
  assert.throws(
    () => chooseBlock(ID, [near('10.0.0.0/8')], EMPTY_LEDGER),
    (error) => hasCode(error, 'instance/no-free-block'),
  );
});

test('chooseIdBlock() stays clear of instances and of /etc/subuid', () => {
  const first = chooseIdBlock(EMPTY_LEDGER, [{ user: 'me', start: 100_000, count: 65_536 }]);
  const second = chooseIdBlock(holding({ kind: 'id-block', start: first, count: IDS_PER_INSTANCE }), []);
  assert.equal(second, first + IDS_PER_INSTANCE);
  assert.equal(chooseIdBlock(EMPTY_LEDGER, [{ user: 'x', start: first + IDS_PER_INSTANCE - 1, count: 2 }]), first + 2 * IDS_PER_INSTANCE);
  assert.ok(second + IDS_PER_INSTANCE < 2 ** 31, 'below the sign bit');
});

test('chooseIdBlock() refuses when there is none left', () => {
  assert.throws(
    () => chooseIdBlock(EMPTY_LEDGER, [{ user: 'containers', start: 2 ** 30, count: 2 ** 31 }]),
    (error) => hasCode(error, 'instance/no-free-block'),
  );
});

test('chooseAutoRange() takes the line that is there, else one that touches nothing', () => {
  const there = { user: 'containers', start: 2_147_483_647, count: 2_147_483_648 };
  assert.deepEqual(chooseAutoRange(EMPTY_LEDGER, [there]), there);
  const free = chooseAutoRange(EMPTY_LEDGER, [{ user: 'x', start: 0x4000_0000, count: 1 }]);
  assert.equal(free.start, 0x4400_0000);
});

test('choosePort() goes up past listeners and other instances', () => {
  assert.equal(choosePort(30_500, holding({ kind: 'port', port: 30_500 }), new Set([30_501])), 30_502);
});
