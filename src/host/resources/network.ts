/** Addresses on the loopback interface, and our nftables tables. */

import { hasCode } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import type { AddressResource, FirewallFact, FirewallResource } from '../types.ts';

/** IPv4 addresses on `lo`. */
export async function readLoopback(signal: AbortSignal): Promise<readonly string[]> {
  const shown = await unlessMissing(exec(['ip', '-4', '-j', 'address', 'show', 'dev', 'lo'], { signal }));
  return shown === undefined ? [] : parseAddresses(shown.stdout);
}

export function parseAddresses(json: string): readonly string[] {
  const links = JSON.parse(json) as readonly { readonly addr_info?: readonly { readonly local?: string }[] }[];
  return links.flatMap((link) => (link.addr_info ?? []).flatMap(({ local }) => local ?? []));
}

export async function applyAddress(resource: AddressResource, signal: AbortSignal): Promise<void> {
  await exec(['ip', 'address', 'replace', `${resource.address}/32`, 'dev', 'lo'], { signal });
}

export async function undoAddress(address: string, signal: AbortSignal): Promise<void> {
  if (!(await readLoopback(signal)).includes(address)) return;
  await exec(['ip', 'address', 'delete', `${address}/32`, 'dev', 'lo'], { signal });
}

/** Text for `nft -f`: the table whole, made anew in one transaction. */
function firewallScript(resource: Pick<FirewallResource, 'table' | 'rules'>): string {
  const table = `table inet ${resource.table}`;
  return `add ${table}\ndelete ${table}\n${table} {\n${resource.rules.replace(/\n?$/, '\n')}}\n`;
}

/**
 * The table as it is and as it should be, both printed by nft: it spells rules its own way, so texts of ours would never compare.
 * The wanted one is loaded into a network namespace of its own, which ends with the command.
 */
export async function readFirewall(resource: FirewallResource, signal: AbortSignal): Promise<FirewallFact> {
  const listed = await unlessMissing(listTable(resource.table, signal));
  if (listed === undefined) return { listed: null, wanted: resource.rules }; // nftables comes with this plan
  // two programs: a listing in the same script shows chains without their rules
  const both = 'nft -f - && exec nft --stateless --terse list table inet "$1"';
  const wanted = await exec(['unshare', '--net', 'sh', '-c', both, 'sh', resource.table], { signal, input: firewallScript(resource) });
  return { listed, wanted: wanted.stdout.trim() };
}

/** As nft prints it, without what comes and goes in its sets; null where there is none. */
export async function listTable(table: string, signal: AbortSignal): Promise<string | null> {
  const { stdout, exitCode } = await exec(['nft', '--stateless', '--terse', 'list', 'table', 'inet', table], { signal, accept: [1] });
  return exitCode === 0 ? stdout.trim() : null;
}

export async function applyFirewall(resource: FirewallResource, signal: AbortSignal): Promise<void> {
  await exec(['nft', '-f', '-'], { signal, input: firewallScript(resource) });
}

export async function undoFirewall(table: string, before: string | null, signal: AbortSignal): Promise<void> {
  const remove = `add table inet ${table}\ndelete table inet ${table}\n`;
  await exec(['nft', '-f', '-'], { signal, input: before === null ? remove : `${remove}${before}\n` });
}

async function unlessMissing<T>(work: Promise<T>): Promise<T | undefined> {
  return work.catch((error: unknown) => {
    if (hasCode(error, 'kit/exec-missing')) return undefined;
    throw error;
  });
}
