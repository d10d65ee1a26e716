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
import { applyServices } from './resources/services.ts';
import { readUndo, removalOf, undoHost } from './undo.ts';
import type { Change, Resource, Undo } from './types.ts';

export interface ApplyOptions extends HostOptions {
  /** Heard before and after each change. */
  readonly onStep?: (step: HostStep) => void;
  /** Heard before a change is made: write it to the ledger, so that a kill loses nothing. Of a thing's records the oldest is the one to keep. */
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
    if (batch[0]?.action === 'remove') await remove(due, options);
    else {
      for (const change of due) {
        const record = await readUndo(change.resource, options);
        records.push(record);
        await options.onUndo?.(record, change);
      }
      await make(due, options);
    }
    const ms = performance.now() - started;
    for (const change of batch) options.onStep?.({ change, state: due.includes(change) ? 'done' : 'skipped', ms });
  }
  return records;
}

/** Packages go in one transaction, services are defined or stopped side by side; everything else one by one. */
function batches(changes: readonly Change[]): readonly (readonly Change[])[] {
  const out: Change[][] = [];
  for (const change of changes) {
    const last = out.at(-1);
    const first = last?.[0];
    const { kind } = change.resource;
    const alike = first?.resource.kind === kind && (first.action === 'remove') === (change.action === 'remove');
    if (last !== undefined && alike && (kind === 'package' || kind === 'service')) last.push(change);
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

async function remove(batch: readonly Change[], options: ApplyOptions): Promise<void> {
  const records = batch.map(({ resource }) => options.recordOf?.(resource) ?? removalOf(resource, options));
  await explained(batch, undoHost(records, options));
}

async function make(batch: readonly Change[], options: HostOptions): Promise<void> {
  const resources = batch.map(({ resource }) => resource);
  const packages = resources.flatMap((resource) => (resource.kind === 'package' ? [resource.name] : []));
  if (packages.length > 0) await installPackages(packages, options); // their errors say it all
  const services = resources.filter((resource) => resource.kind === 'service');
  if (services.length > 0) await explained(batch, applyServices(services, options));
  for (const resource of resources) await explained(batch, makeOne(resource, options.signal));
}

async function makeOne(resource: Resource, signal: AbortSignal): Promise<void> {
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
    case 'package':
      return undefined; // together, above
    default:
      throw resource satisfies never;
  }
}

/** A failure without a code of its own says which change it was. */
async function explained(batch: readonly Change[], work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (isAbort(error) || (error instanceof AntlerError && !error.code.startsWith('kit/'))) throw error;
    const what = batch.map(({ text }) => text).join(', ');
    const why = error instanceof Error ? error.message : String(error);
    const lines = error instanceof AntlerError ? error.lines : [];
    throw new AntlerError('host/apply-failed', `Cannot ${what} as it failed: ${why}`, { lines, cause: error });
  }
}
