/** Who uses which machine-wide thing, and what was there before. Pure: ledger in, ledger out. */

import type { Undo } from '../host/types.ts';
import type { Ledger, LedgerEntry, Reservation } from './types.ts';

export const EMPTY_LEDGER: Ledger = { version: 1, homes: {}, entries: {} };

export interface Owner {
  readonly id: string;
  readonly home: string;
}

export function reservationKey(what: Reservation): string {
  switch (what.kind) {
    case 'address-block':
      return `address-block:${what.block}`;
    case 'id-block':
      return `id-block:${what.start}`;
    case 'port':
      return `port:${what.port}`;
    default:
      return what satisfies never;
  }
}

export function reserve(ledger: Ledger, owner: Owner, what: Reservation): Ledger {
  return put(ledger, owner, { key: reservationKey(what), entry: { kind: 'reservation', what, users: [owner.id] } });
}

export interface Claim {
  /** Of the host's `keyOf`. */
  readonly key: string;
  /** Null where nothing has to change for it. */
  readonly undo: Undo | null;
}

/** Notes one more user. What was there before is noted once: whoever comes later finds what is already ours. */
export function claim(ledger: Ledger, owner: Owner, { key, undo }: Claim): Ledger {
  const there = ledger.entries[key];
  const before = there?.kind === 'resource' ? there.undo : null;
  const users = [...new Set([...(there?.users ?? []), owner.id])].sort();
  return put(ledger, owner, { key, entry: { kind: 'resource', undo: firstUndo(before, undo), users } });
}

/** A group that was there before us gains members of several instances: all of them are ours to take out. */
function firstUndo(before: Undo | null, undo: Undo | null): Undo | null {
  if (before?.kind === 'group' && undo?.kind === 'group') return { ...before, added: [...new Set([...before.added, ...undo.added])] };
  return before ?? undo;
}

function put(ledger: Ledger, owner: Owner, { key, entry }: { readonly key: string; readonly entry: LedgerEntry }): Ledger {
  return { ...ledger, homes: { ...ledger.homes, [owner.id]: owner.home }, entries: { ...ledger.entries, [key]: entry } };
}

/** Takes the instance out of every entry; without `purge` its reservations stay, as its home's data depend on them. */
export function release(ledger: Ledger, id: string, options: { readonly purge: boolean }): Ledger {
  const entries = Object.fromEntries(
    Object.entries(ledger.entries).map(([key, entry]) => {
      const stays = !options.purge && entry.kind === 'reservation';
      return [key, stays ? entry : without(entry, id)];
    }),
  );
  const kept = Object.values(entries).some((entry) => entry.users.includes(id));
  const homes = Object.fromEntries(Object.entries(ledger.homes).filter(([user]) => user !== id || kept));
  return { ...ledger, homes, entries };
}

/** Takes the instance out of the entries that it no longer wants. */
export function drop(ledger: Ledger, id: string, keys: ReadonlySet<string>): Ledger {
  const entries = Object.entries(ledger.entries).map(([key, entry]) => [key, keys.has(key) ? without(entry, id) : entry] as const);
  return { ...ledger, entries: Object.fromEntries(entries) };
}

function without(entry: LedgerEntry, id: string): LedgerEntry {
  return { ...entry, users: entry.users.filter((user) => user !== id) };
}

export interface Unclaimed {
  readonly key: string;
  /** Null: nothing to put back, only to forget. */
  readonly undo: Undo | null;
}

/** What nobody uses any longer, oldest first; packages that we installed wait for a purge. */
export function unclaimed(ledger: Ledger, options: { readonly purge: boolean }): readonly Unclaimed[] {
  return Object.entries(ledger.entries)
    .filter(([, entry]) => entry.users.length === 0)
    .map(([key, entry]) => ({ key, undo: entry.kind === 'resource' ? entry.undo : null }))
    .filter(({ undo }) => options.purge || undo?.kind !== 'package');
}

export function forget(ledger: Ledger, keys: ReadonlySet<string>): Ledger {
  return { ...ledger, entries: Object.fromEntries(Object.entries(ledger.entries).filter(([key]) => !keys.has(key))) };
}

export function isEmpty(ledger: Ledger): boolean {
  return Object.keys(ledger.entries).length === 0 && Object.keys(ledger.homes).length === 0;
}
