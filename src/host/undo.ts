/** Puts back what changes replaced. */

import { purgePackages } from './apt/apt.ts';
import type { HostOptions } from './context.ts';
import { groupUndo, undoGroup, undoIdRange } from './resources/groups.ts';
import { listTable, undoAddress, undoFirewall } from './resources/network.ts';
import { readBefore, undoPath } from './resources/paths.ts';
import { placeOf, removeServices } from './resources/services.ts';
import type { Resource, Undo } from './types.ts';

export interface UndoOptions extends HostOptions {
  /** Packages that we installed go only when asked for. */
  readonly packages?: boolean;
}

/** Undoes records, the last made first; services stop side by side, packages go last in one transaction. Doing it again is harmless. */
export async function undoHost(records: readonly Undo[], options: UndoOptions): Promise<void> {
  const { signal } = options;
  await removeServices(
    records.filter((record) => record.kind === 'service'),
    signal,
  );
  for (const record of records.toReversed()) {
    signal.throwIfAborted();
    await undoOne(record, signal);
  }
  if (options.packages === true) {
    await purgePackages(
      records.flatMap((record) => (record.kind === 'package' ? [record.name] : [])),
      options,
    );
  }
}

/** What undoes a change to this resource: read before the change is made. */
export async function readUndo(resource: Resource, options: HostOptions): Promise<Undo> {
  switch (resource.kind) {
    case 'directory':
    case 'file':
      return { kind: resource.kind, path: resource.path, before: await readBefore(resource.path) };
    case 'firewall':
      return { kind: 'firewall', table: resource.table, before: await listTable(resource.table, options.signal) };
    case 'group':
      return groupUndo(resource);
    case 'package':
    case 'id-range':
    case 'service':
    case 'address':
      return removalOf(resource, options);
    default:
      throw resource satisfies never;
  }
}

/** What undoes a resource that nobody recorded: it was not there before us. */
export function removalOf(resource: Resource, options: HostOptions): Undo {
  switch (resource.kind) {
    case 'package':
      return { kind: 'package', name: resource.name };
    case 'directory':
    case 'file':
      return { kind: resource.kind, path: resource.path, before: { kind: 'absent' } };
    case 'id-range':
      return { kind: 'id-range', user: resource.user, start: resource.start, count: resource.count };
    case 'service':
      return { kind: 'service', name: resource.name, place: placeOf(options) };
    case 'address':
      return { kind: 'address', address: resource.address };
    case 'firewall':
      return { kind: 'firewall', table: resource.table, before: null };
    case 'group':
      return { kind: 'group', name: resource.name, made: true, added: resource.members };
    default:
      throw resource satisfies never;
  }
}

async function undoOne(record: Undo, signal: AbortSignal): Promise<void> {
  switch (record.kind) {
    case 'directory':
    case 'file':
      return undoPath(record.path, record.before, signal);
    case 'id-range':
      return undoIdRange(record);
    case 'address':
      return undoAddress(record.address, signal);
    case 'firewall':
      return undoFirewall(record.table, record.before, signal);
    case 'group':
      return undoGroup(record, signal);
    case 'package':
    case 'service':
      return undefined; // together, above and below
    default:
      throw record satisfies never;
  }
}
