/** Who uses which machine-wide thing, and what was there before. Pure: ledger in, ledger out. */

import type { Before, Ledger, LedgerEntry, Thing } from './types.ts';

export const EMPTY_LEDGER: Ledger = { version: 1, homes: {}, entries: {} };

export interface Owner {
  readonly id: string;
  readonly home: string;
}

export function keyOf(thing: Thing): string {
  switch (thing.kind) {
    case 'package':
    case 'group':
    case 'service':
    case 'sysctl':
      return `${thing.kind}:${thing.name}`;
    case 'id-range':
      return `id-range:${thing.user}`;
    case 'file':
    case 'directory':
      return `${thing.kind}:${thing.path}`;
    case 'mask':
      return `mask:${thing.unit}`;
    case 'address-block':
      return `address-block:${thing.block}`;
    case 'id-block':
      return `id-block:${thing.start}`;
    case 'port':
      return `port:${thing.port}`;
    default:
      return thing satisfies never;
  }
}

/** Notes one more user. What was there before is noted by the first alone: for the second it was already ours. */
export function claim(ledger: Ledger, owner: Owner, wanted: { readonly thing: Thing; readonly before: Before }): Ledger {
  const key = keyOf(wanted.thing);
  const there = ledger.entries[key];
  const users = new Set([...(there?.users ?? []), owner.id]);
  const entry: LedgerEntry = { thing: wanted.thing, before: there?.before ?? wanted.before, users: [...users].sort() };
  return { ...ledger, homes: { ...ledger.homes, [owner.id]: owner.home }, entries: { ...ledger.entries, [key]: entry } };
}

/** Reservations change nothing on the machine, and the home's data depend on them: they stay until the home goes. */
export function isReservation(thing: Thing): boolean {
  return thing.kind === 'address-block' || thing.kind === 'id-block' || thing.kind === 'port';
}

/** Takes the instance out of every entry; without `purge` its reservations stay. */
export function release(ledger: Ledger, id: string, options: { readonly purge: boolean }): Ledger {
  const entries = Object.fromEntries(
    Object.entries(ledger.entries).map(([key, entry]) => {
      const stays = !options.purge && isReservation(entry.thing);
      return [key, stays ? entry : { ...entry, users: entry.users.filter((user) => user !== id) }];
    }),
  );
  const kept = Object.values(entries).some((entry) => entry.users.includes(id));
  const homes = Object.fromEntries(Object.entries(ledger.homes).filter(([user]) => user !== id || kept));
  return { ...ledger, homes, entries };
}

/** What nobody uses any longer and may be undone now; packages wait for a purge. */
export function unclaimed(ledger: Ledger, options: { readonly purge: boolean }): readonly LedgerEntry[] {
  return Object.values(ledger.entries).filter(
    (entry) => entry.users.length === 0 && (options.purge || entry.thing.kind !== 'package' || entry.before.kind === 'present'),
  );
}

export function forget(ledger: Ledger, entries: readonly LedgerEntry[]): Ledger {
  const keys = new Set(entries.map((entry) => keyOf(entry.thing)));
  return { ...ledger, entries: Object.fromEntries(Object.entries(ledger.entries).filter(([key]) => !keys.has(key))) };
}

export function isEmpty(ledger: Ledger): boolean {
  return Object.keys(ledger.entries).length === 0 && Object.keys(ledger.homes).length === 0;
}
