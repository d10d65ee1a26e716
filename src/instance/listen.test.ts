import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EnvironmentSpec } from '../config/types.ts';
import { decideListen, isPublicMachine } from './listen.ts';

const machines: readonly { readonly name: string; readonly addresses: readonly string[]; readonly public: boolean }[] = [
  { name: 'a board at home', addresses: ['192.168.1.7', 'fe80::1'], public: false },
  { name: 'a board at home with global IPv6', addresses: ['10.0.0.7', '2001:db8::7'], public: false },
  { name: 'a carrier’s NAT', addresses: ['100.64.3.3'], public: false },
  { name: 'a documentation network', addresses: ['192.0.2.2'], public: false },
  { name: 'a rented server', addresses: ['10.0.0.2', '91.107.3.4'], public: true },
  { name: 'a rented server with IPv6 alone', addresses: ['2a01:4f8::2'], public: true },
  { name: 'the edge of 172.16.0.0/12', addresses: ['172.32.0.1'], public: true },
  { name: 'no network', addresses: [], public: false },
];

for (const machine of machines) {
  test(`isPublicMachine() knows ${machine.name}`, () => assert.equal(isPublicMachine(machine.addresses), machine.public));
}

test('decideListen() lets the config decide before everything', () => {
  const environment = { listen: 'loopback' } as unknown as EnvironmentSpec;
  assert.equal(decideListen({ environment, last: true, public: true }), 'loopback');
});
