/** The first lock: what may reach what, by address (bridges have other names on every network stack); pure. HAProxy's source rules are the second. */

export interface FirewallOptions {
  /** Everything of the instance: `10.77.0.0/16`. */
  readonly block: string;
  readonly networks: readonly FirewallNetwork[];
  /** The jobs' network, `10.77.201.0/24`: reaches what lies outside, and of ours only what the set `jobs` names while it does. */
  readonly jobs?: string;
}

/** A bridge's network, and what its containers may call on the host: nothing else there. Builds have no services. */
export interface FirewallNetwork {
  readonly subnet: string;
  readonly services: readonly { readonly address: string; readonly port: number }[];
}

/** The body of `table inet <name> { … }`. */
export function firewallRules({ block, networks, jobs }: FirewallOptions): string {
  const inside = networks.map(({ subnet }) => `    ip saddr ${subnet} ip daddr ${subnet} accept`);
  const calls = networks.flatMap(({ subnet, services }) =>
    services.map(({ address, port }) => `    ip saddr ${subnet} ip daddr ${address} tcp dport ${port} accept`),
  );
  const set = ['  set jobs {', '    type ipv4_addr . ipv4_addr . inet_service', '  }'];
  return `${[
    ...(jobs === undefined ? [] : set),
    '  chain forward {',
    '    type filter hook forward priority filter - 10; policy accept;',
    '    ct state established,related accept',
    ...inside,
    `    ip daddr ${block} drop`,
    // Where a cloud tells a machine its own secrets.
    ...(jobs === undefined ? [] : [`    ip saddr ${jobs} ip daddr 169.254.0.0/16 drop`]),
    '  }',
    '  chain input {',
    '    type filter hook input priority filter - 10; policy accept;',
    '    ct state established,related accept',
    ...calls,
    ...(jobs === undefined ? [] : [`    ip saddr ${jobs} ip saddr . ip daddr . tcp dport @jobs accept`]),
    // What the host itself sends comes through the loopback interface.
    `    iifname != "lo" ip saddr ${block} drop`,
    `    iifname != "lo" ip daddr ${block} drop`,
    // Our networks are IPv4, yet every bridge has a link-local IPv6 address by which containers would reach the host's ports.
    '    meta iifkind "bridge" ip6 saddr fe80::/10 meta l4proto tcp drop',
    '    meta iifkind "bridge" ip6 saddr fe80::/10 udp dport != { 546, 5353 } drop',
    '  }',
  ].join('\n')}\n`;
}

/** Outputs as they are; empty where the program is not there. */
export interface FirewallFacts {
  /** `10.77.0.0/16`. */
  readonly block: string;
  /** `ufw status` */
  readonly ufw: string;
  /** `firewall-cmd --state` */
  readonly firewalld: string;
  /** `nft --json list chains` */
  readonly nft: string;
  /** `iptables -S INPUT` */
  readonly iptables: string;
}

export interface FirewallHint {
  /** `ufw` */
  readonly name: string;
  /** What a person types to open the path from containers to virtual addresses. */
  readonly line: string;
}

/** Which firewall drops what containers send to a virtual address; undefined where none is seen. */
export function firewallHint(facts: FirewallFacts): FirewallHint | undefined {
  const { block } = facts;
  if (/^Status: active/m.test(facts.ufw)) return { name: 'ufw', line: `ufw allow from ${block} to ${block}` };
  if (facts.firewalld.trim() === 'running') {
    return { name: 'firewalld', line: `firewall-cmd --permanent --zone=trusted --add-source=${block} && firewall-cmd --reload` };
  }
  const chain = droppingChain(facts.nft);
  if (chain !== undefined)
    return { name: `nftables (${chain})`, line: `nft insert rule ${chain} ip saddr ${block} ip daddr ${block} accept` };
  if (/^-P INPUT DROP|^-A INPUT -j (?:DROP|REJECT)/m.test(facts.iptables)) {
    return { name: 'iptables', line: `iptables -I INPUT -s ${block} -d ${block} -j ACCEPT` };
  }
  return undefined;
}

interface NftChain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

/** `inet filter input` of the first input chain with a drop policy. */
function droppingChain(json: string): string | undefined {
  if (json.trim() === '') return undefined;
  const { nftables } = JSON.parse(json) as { readonly nftables: readonly { readonly chain?: NftChain }[] };
  const found = nftables.map(({ chain }) => chain).find((chain) => chain?.hook === 'input' && chain.policy === 'drop');
  return found === undefined ? undefined : `${found.family} ${found.table} ${found.name}`;
}
