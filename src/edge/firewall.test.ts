import assert from 'node:assert/strict';
import { test } from 'node:test';

import { firewallHint, firewallRules } from './firewall.ts';

const BLOCK = '10.77.0.0/16';

test('firewallRules() lets a bridge call its own services and nothing else of ours or the host’s', () => {
  const rules = firewallRules({
    block: BLOCK,
    networks: [
      { subnet: '10.77.101.0/24', services: [{ address: '10.77.1.1', port: 5000 }] },
      { subnet: '10.77.200.0/24', services: [] },
    ],
  });
  const lines = rules.split('\n').map((line) => line.trim());
  assert.ok(lines.includes('ip saddr 10.77.101.0/24 ip daddr 10.77.1.1 tcp dport 5000 accept'));
  assert.equal(lines.filter((line) => line.includes('10.77.200.0/24')).length, 1, 'builds are only let into their own network');
  assert.ok(lines.indexOf(`iifname != "lo" ip saddr ${BLOCK} drop`) > lines.findIndex((line) => line.includes('dport 5000 accept')));
  assert.ok(lines.includes(`ip daddr ${BLOCK} drop`));
});

test('firewallRules() lets jobs call what the set names, after which comes the drop, and no machine’s metadata', () => {
  const networks = [{ subnet: '10.77.101.0/24', services: [{ address: '10.77.1.1', port: 5000 }] }];
  const rules = firewallRules({ block: BLOCK, networks, jobs: '10.77.201.0/24' });
  const lines = rules.split('\n').map((line) => line.trim());
  assert.deepEqual(lines.slice(0, 3), ['set jobs {', 'type ipv4_addr . ipv4_addr . inet_service', '}']);
  const opening = lines.indexOf('ip saddr 10.77.201.0/24 ip saddr . ip daddr . tcp dport @jobs accept');
  assert.ok(opening > 0 && opening < lines.indexOf(`iifname != "lo" ip saddr ${BLOCK} drop`));
  assert.ok(lines.includes('ip saddr 10.77.201.0/24 ip daddr 169.254.0.0/16 drop'));
  assert.equal(lines.filter((line) => line.includes('10.77.201.0/24') && line.endsWith('accept')).length, 1);
  assert.doesNotMatch(firewallRules({ block: BLOCK, networks }), /jobs/);
});

test('firewallHint() names the firewall and the line that opens the path', () => {
  const none = { block: BLOCK, ufw: '', firewalld: '', nft: '', iptables: '' };
  const chain = (policy: string): string =>
    JSON.stringify({ nftables: [{ metainfo: {} }, { chain: { family: 'inet', table: 'filter', name: 'input', hook: 'input', policy } }] });
  assert.equal(firewallHint(none), undefined);
  assert.equal(firewallHint({ ...none, ufw: 'Status: inactive\n', nft: chain('accept'), iptables: '-P INPUT ACCEPT\n' }), undefined);
  assert.deepEqual(firewallHint({ ...none, ufw: 'Status: active\n\nTo  Action\n', iptables: '-P INPUT DROP\n' }), {
    name: 'ufw',
    line: 'ufw allow from 10.77.0.0/16 to 10.77.0.0/16',
  });
  assert.equal(firewallHint({ ...none, firewalld: 'running\n' })?.name, 'firewalld');
  assert.equal(
    firewallHint({ ...none, nft: chain('drop') })?.line,
    'nft insert rule inet filter input ip saddr 10.77.0.0/16 ip daddr 10.77.0.0/16 accept',
  );
  assert.equal(firewallHint({ ...none, iptables: '-P INPUT DROP\n-A INPUT -i lo -j ACCEPT\n' })?.name, 'iptables');
});
