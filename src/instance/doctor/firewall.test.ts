import assert from 'node:assert/strict';
import { test } from 'node:test';

import { findCulprit, type FirewallReading } from './firewall.ts';

const open: FirewallReading = { ufw: false, firewalld: false, nft: '{"nftables":[]}', legacy: '', block: '10.44.0.0/16' };

function nft(...entries: readonly object[]): string {
  return JSON.stringify({ nftables: [{ metainfo: {} }, ...entries] });
}

const input = { chain: { family: 'inet', table: 'filter', name: 'input', hook: 'input', policy: 'drop' } };
const accepting = { chain: { ...input.chain, policy: 'accept' } };
const dropRule = { rule: { family: 'inet', table: 'filter', chain: 'input', expr: [{ match: {} }, { drop: null }] } };

const cases: readonly { readonly name: string; readonly reading: Partial<FirewallReading>; readonly opens: string | undefined }[] = [
  { name: 'nothing on an open machine', reading: {}, opens: undefined },
  { name: 'nothing where the rules cannot be read', reading: { nft: 'no json' }, opens: undefined },
  {
    name: 'ufw before the tables that it writes',
    reading: { ufw: true, nft: nft(input) },
    opens: 'ufw allow from 10.44.0.0/16 to 10.44.0.0/16',
  },
  {
    name: 'firewalld',
    reading: { firewalld: true },
    opens: 'firewall-cmd --permanent --zone=trusted --add-source=10.44.0.0/16 && firewall-cmd --reload',
  },
  {
    name: 'a table with a drop policy',
    reading: { nft: nft(input) },
    opens: 'nft insert rule inet filter input ip saddr 10.44.0.0/16 ip daddr 10.44.0.0/16 accept',
  },
  {
    name: 'a table that accepts but has a rule that drops',
    reading: { nft: nft(accepting, dropRule) },
    opens: 'nft insert rule inet filter input ip saddr 10.44.0.0/16 ip daddr 10.44.0.0/16 accept',
  },
  { name: 'no table that accepts everything', reading: { nft: nft(accepting) }, opens: undefined },
  { name: 'never a table of ours', reading: { nft: nft({ chain: { ...input.chain, table: 'antler_0a1b2c3d' } }) }, opens: undefined },
  {
    name: 'old iptables',
    reading: { legacy: '-P INPUT DROP\n' },
    opens: 'iptables-legacy -I INPUT -s 10.44.0.0/16 -d 10.44.0.0/16 -j ACCEPT',
  },
];

for (const { name, reading, opens } of cases) {
  test(`findCulprit() names ${name}`, () => assert.equal(findCulprit({ ...open, ...reading })?.opens, opens));
}
