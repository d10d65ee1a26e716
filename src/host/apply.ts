/** Makes the changes of a plan, one after another; each reads again before it acts and skips what is true already. */

import process from 'node:process';

import { AntlerError, isAbort } from '../kit/errors.ts';
import { installPackages } from './apt/apt.ts';
import type { HostOptions } from './context.ts';
import { readFacts } from './facts.ts';
import { planHost } from './plan.ts';
import { applyGroup, applyIdRange } from './resources/groups.ts';
import { keyOf } from './resources/key.ts';
import { applyAddress, applyFirewall } from './resources/network.ts';
import { applyDirectory, applyFile } from './resources/paths.ts';
import { applyService } from './resources/services.ts';
import { undoHost, undoOf } from './undo.ts';
import type { Change, Resource, Undo } from './types.ts';

export interface ApplyOptions extends HostOptions {
  /** Heard before and after each change. */
  readonly onStep?: (step: HostStep) => void;
  /** Heard as soon as a change is made, before the next: write it to the ledger, so that a kill loses nothing. The oldest record of a thing is the one to keep. */
  readonly onUndo?: (record: Undo, change: Change) => void | Promise<void>;
  /** For removals: what the ledger says was there before us. */
  readonly recordOf?: (resource: Resource) => Undo | undefined;
}

export interface HostStep {
  readonly change: Change;
  readonly state: 'start' | 'done' | 'skipped';
  readonly ms?: number;
}

/**
 * Returns what was replaced, in the order of the changes.
 * Throws `cli/not-root`, `host/apply-failed` (with what it was about) and the codes of packages and services; what was done before stays done.
 */
export async function applyHost(changes: readonly Change[], options: ApplyOptions): Promise<readonly Undo[]> {
  if (changes.length > 0 && process.getuid?.() !== 0) {
    throw new AntlerError('cli/not-root', 'Cannot change the machine as we are not root');
  }
  const records: Undo[] = [];
  for (const batch of batches(changes)) {
    const started = performance.now();
    for (const change of batch) options.onStep?.({ change, state: 'start' });
    const due = await stillDue(batch, options);
    const made = due.length === 0 ? [] : await make(due, options);
    for (const record of made) {
      const change = due.find(({ resource }) => keyOf(resource) === recordKey(record)) ?? due[0];
      if (change !== undefined) await options.onUndo?.(record, change);
    }
    records.push(...made);
    const ms = performance.now() - started;
    for (const change of batch) options.onStep?.({ change, state: due.includes(change) ? 'done' : 'skipped', ms });
  }
  return records;
}

/** Packages go in one transaction, removed services stop side by side; everything else one by one. */
function batches(changes: readonly Change[]): readonly (readonly Change[])[] {
  const out: Change[][] = [];
  for (const change of changes) {
    const last = out.at(-1);
    const first = last?.[0];
    const together = change.resource.kind === 'package' || (change.resource.kind === 'service' && change.action === 'remove');
    if (last !== undefined && together && first?.resource.kind === change.resource.kind && first.action === change.action)
      last.push(change);
    else out.push([change]);
  }
  return out;
}

async function stillDue(batch: readonly Change[], options: HostOptions): Promise<readonly Change[]> {
  const resources = batch.map(({ resource }) => resource);
  const facts = await readFacts(resources, options);
  const removal = batch[0]?.action === 'remove';
  const now = removal ? planHost([], facts, resources) : planHost(resources, facts);
  const keys = new Set(now.map(({ resource }) => keyOf(resource)));
  return batch.filter(({ resource }) => keys.has(keyOf(resource)));
}

async function make(batch: readonly Change[], options: ApplyOptions): Promise<readonly Undo[]> {
  try {
    if (batch[0]?.action === 'remove') {
      const records = batch.flatMap(({ resource }) => options.recordOf?.(resource) ?? undoOf(resource, options));
      await undoHost(records, options);
      return [];
    }
    const packages = batch.flatMap(({ resource }) => (resource.kind === 'package' ? [resource.name] : []));
    if (packages.length > 0) return await installPackages(packages, options);
    const records: Undo[] = [];
    for (const { resource } of batch) records.push(await makeOne(resource, options));
    return records;
  } catch (error) {
    if (isAbort(error)) throw error;
    if (error instanceof AntlerError && !error.code.startsWith('kit/')) throw error;
    const what = batch.map(({ text }) => text).join(', ');
    const why = error instanceof Error ? error.message : String(error);
    const lines = error instanceof AntlerError ? error.lines : [];
    throw new AntlerError('host/apply-failed', `Cannot ${what} as it failed: ${why}`, { lines, cause: error });
  }
}

async function makeOne(resource: Resource, options: ApplyOptions): Promise<Undo> {
  const { signal } = options;
  switch (resource.kind) {
    case 'directory':
      return applyDirectory(resource);
    case 'file':
      return applyFile(resource, signal);
    case 'id-range':
      return applyIdRange(resource);
    case 'group':
      return applyGroup(resource, signal);
    case 'address':
      return applyAddress(resource, signal);
    case 'firewall':
      return applyFirewall(resource, signal);
    case 'service':
      return applyService(resource, options);
    case 'package':
      throw new AntlerError('internal/bug', 'Cannot install one package alone as packages go in one transaction');
    default:
      throw resource satisfies never;
  }
}

function recordKey(record: Undo): string {
  switch (record.kind) {
    case 'package':
    case 'service':
    case 'group':
      return `${record.kind} ${record.name}`;
    case 'directory':
    case 'file':
      return `${record.kind} ${record.path}`;
    case 'id-range':
      return `id-range ${record.user}:${record.start}:${record.count}`;
    case 'address':
      return `address ${record.address}`;
    case 'firewall':
      return `firewall ${record.table}`;
    default:
      throw record satisfies never;
  }
}
