/** Which firewall keeps containers from reaching us, and the line that opens it. Pure. */

export interface FirewallReading {
  /** `ufw status` says active. */
  readonly ufw: boolean;
  /** `firewall-cmd --state` says running. */
  readonly firewalld: boolean;
  /** `nft --json list ruleset`. */
  readonly nft: string;
  /** `iptables-legacy -S INPUT`; empty where it is not there. */
  readonly legacy: string;
  /** `10.44.0.0/16`: everything of the instance. */
  readonly block: string;
}

export interface FirewallCulprit {
  /** `ufw`, `nftables table inet filter`. */
  readonly name: string;
  /** The line that opens the path. */
  readonly opens: string;
}

interface Chain {
  readonly family: string;
  readonly table: string;
  readonly name: string;
  readonly hook?: string;
  readonly policy?: string;
}

interface Rule {
  readonly family: string;
  readonly table: string;
  readonly chain: string;
  readonly expr?: readonly Readonly<Record<string, unknown>>[];
}

/** The first that can drop what arrives at the host; managers before the tables that they write. */
export function findCulprit(reading: FirewallReading): FirewallCulprit | undefined {
  const { block } = reading;
  if (reading.ufw) return { name: 'ufw', opens: `ufw allow from ${block} to ${block}` };
  if (reading.firewalld) {
    return { name: 'firewalld', opens: `firewall-cmd --permanent --zone=trusted --add-source=${block} && firewall-cmd --reload` };
  }
  const chain = droppingChain(reading.nft);
  if (chain !== undefined) {
    const place = `${chain.family} ${chain.table} ${chain.name}`;
    const ip = chain.family === 'inet' || chain.family === 'ip' ? `ip saddr ${block} ip daddr ${block}` : '';
    return { name: `nftables chain ${place}`, opens: `nft insert rule ${place} ${ip} accept`.replace('  ', ' ') };
  }
  if (/^-P INPUT DROP|^-A INPUT .*-j (?:DROP|REJECT)/m.test(reading.legacy)) {
    return { name: 'iptables-legacy', opens: `iptables-legacy -I INPUT -s ${block} -d ${block} -j ACCEPT` };
  }
  return undefined;
}

/** A chain on the input hook that drops by policy, or by a rule of its own; our tables are none. */
function droppingChain(json: string): Chain | undefined {
  let entries: readonly Readonly<Record<string, unknown>>[];
  try {
    entries = (JSON.parse(json) as { readonly nftables?: readonly Readonly<Record<string, unknown>>[] }).nftables ?? [];
  } catch {
    return undefined;
  }
  const chains = entries.flatMap((entry) => (entry['chain'] === undefined ? [] : [entry['chain'] as Chain]));
  const rules = entries.flatMap((entry) => (entry['rule'] === undefined ? [] : [entry['rule'] as Rule]));
  const inputs = chains.filter(({ hook, table, family }) => hook === 'input' && family !== 'ip6' && !table.startsWith('antler_'));
  const drops = (chain: Chain): boolean =>
    rules.some(
      (rule) =>
        rule.table === chain.table &&
        rule.family === chain.family &&
        rule.chain === chain.name &&
        (rule.expr ?? []).some((part) => 'drop' in part || 'reject' in part),
    );
  return inputs.find(({ policy }) => policy === 'drop') ?? inputs.find((chain) => drops(chain));
}
