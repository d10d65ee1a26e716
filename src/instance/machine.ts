/** Brings the machine to what an instance wants, and notes in the ledger who wants what and what was there before. */

import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { applyHost, keyOf, planHost, readFacts, supervisorPlace, undoHost, type HostStep } from '../host/host.ts';
import type { Change, Resource, SupervisorPlace, Undo } from '../host/types.ts';
import { errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { claim, drop, forget, unclaimed, type Owner } from './ledger-plan.ts';
import { lockLedger, readLedger, type LedgerHandle } from './ledger.ts';
import { pathsOf } from './paths.ts';
import { isShared } from './resources.ts';
import type { Instance, Ledger } from './types.ts';

export interface MachineOptions {
  readonly instance: Instance;
  readonly signal: AbortSignal;
  /** For people: lines of apt, who is waited for. */
  readonly onLine?: (line: string) => void;
  readonly onStep?: (step: HostStep) => void;
}

/** Everything that the instance wants, or what of it the daemon keeps: each set remembers what it made, to take away what is no longer wanted. */
export type ResourceSet = 'machine' | 'network';

export interface Wanted {
  readonly machine: readonly Resource[];
  readonly network: readonly Resource[];
}

export function placeOf(instance: Pick<Instance, 'id' | 'home'>): SupervisorPlace {
  const paths = pathsOf(instance.home);
  return supervisorPlace({ id: instance.id, home: instance.home, servicesDir: paths.services, logsDir: paths.logs });
}

/** What would change. Reads only. */
export async function planMachine(wanted: Wanted, { instance, signal }: MachineOptions): Promise<readonly Change[]> {
  const resources = [...wanted.machine, ...wanted.network];
  const previous = [...(await readApplied(instance.home, 'machine')), ...(await readApplied(instance.home, 'network'))];
  const facts = await readFacts([...resources, ...previous], { signal, place: placeOf(instance) });
  return planHost(
    resources,
    facts,
    previous.filter((resource) => !isShared(resource, instance)),
  );
}

/** Where the machine is no longer as it was made. Reads only. */
export async function driftMachine({ instance, signal }: MachineOptions): Promise<readonly Change[]> {
  const made = [...(await readApplied(instance.home, 'machine')), ...(await readApplied(instance.home, 'network'))];
  return planHost(made, await readFacts(made, { signal, place: placeOf(instance) }));
}

/** Makes the difference under the ledger's lock; without a difference the ledger is only read. Returns what it changed. */
export async function applyMachine(wanted: Wanted, options: MachineOptions): Promise<readonly Change[]> {
  const { instance, signal } = options;
  const owner: Owner = { id: instance.id, home: instance.home };
  const shared = wanted.machine.filter((resource) => isShared(resource, instance)).map((resource) => keyOf(resource));
  if ((await planMachine(wanted, options)).length === 0 && isClaimed(await readLedger(), owner, new Set(shared))) return [];
  await using ledger = await lockLedger({ signal, onWait: (holder) => options.onLine?.(`waiting for another Antler: ${holder}`) });
  const changes = await planMachine(wanted, options); // again: whom we waited for may have changed things
  await releaseUnwanted({ ledger, owner, wanted: new Set(shared), options });
  await saveClaims(
    ledger,
    shared.reduce((next, key) => claim(next, owner, { key, undo: null }), ledger.state),
  );
  const mine = new Set(shared);
  const before = { machine: await readApplied(instance.home, 'machine'), network: await readApplied(instance.home, 'network') };
  // first both: what a kill leaves behind is known to the next one
  await rememberApplied(instance.home, {
    machine: [...wanted.machine, ...before.machine],
    network: [...wanted.network, ...before.network],
  });
  await applyHost(changes, {
    signal,
    place: placeOf(instance),
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
    ...(options.onStep === undefined ? {} : { onStep: options.onStep }),
    onUndo: async (undo: Undo, change: Change) => {
      const key = keyOf(change.resource);
      if (mine.has(key)) await saveClaims(ledger, claim(ledger.state, owner, { key, undo }));
    },
  });
  await rememberApplied(instance.home, wanted);
  return changes;
}

/** Exactly these, no more. */
function isClaimed(ledger: Ledger, owner: Owner, keys: ReadonlySet<string>): boolean {
  const mine = Object.entries(ledger.entries).filter(([, entry]) => entry.kind === 'resource' && entry.users.includes(owner.id));
  return mine.length === keys.size && mine.every(([key]) => keys.has(key));
}

/** The daemon's part: addresses and firewall of this instance alone, so no ledger. True where something differed. */
export async function applyNetwork(network: readonly Resource[], options: MachineOptions): Promise<boolean> {
  const { instance, signal } = options;
  const previous = await readApplied(instance.home, 'network');
  const place = placeOf(instance);
  const facts = await readFacts([...network, ...previous], { signal, place });
  const changes = planHost(network, facts, previous);
  if (changes.length === 0) return false;
  await writeApplied(instance.home, 'network', [...network, ...previous]);
  await applyHost(changes, { signal, place });
  await writeApplied(instance.home, 'network', network);
  return true;
}

interface ReleaseOptions {
  readonly ledger: LedgerHandle;
  readonly owner: Owner;
  readonly wanted: ReadonlySet<string>;
  readonly options: MachineOptions;
}

/** What the config no longer names is let go, and undone where nobody else wants it. */
async function releaseUnwanted({ ledger, owner, wanted, options }: ReleaseOptions): Promise<void> {
  const gone = Object.entries(ledger.state.entries)
    .filter(([key, entry]) => entry.kind === 'resource' && entry.users.includes(owner.id) && !wanted.has(key))
    .map(([key]) => key);
  if (gone.length === 0) return;
  await ledger.save(drop(ledger.state, owner.id, new Set(gone)));
  await undoUnclaimed(ledger, { signal: options.signal, purge: false });
}

export interface UndoUnclaimedOptions {
  readonly signal: AbortSignal;
  /** Packages that we installed go too. */
  readonly purge: boolean;
  readonly onLine?: (line: string) => void;
}

/** Undoes what nobody claims, then forgets it: killed in between, it is undone again, which is harmless. */
export async function undoUnclaimed(ledger: LedgerHandle, options: UndoUnclaimedOptions): Promise<void> {
  const free = unclaimed(ledger.state, options);
  const records = free.flatMap(({ undo }) => (undo === null ? [] : [undo]));
  await undoHost(records, {
    signal: options.signal,
    packages: options.purge,
    ...(options.onLine === undefined ? {} : { onLine: options.onLine }),
  });
  await saveClaims(ledger, forget(ledger.state, new Set(free.map(({ key }) => key))));
}

/** An SD card is not written where nothing differs. */
async function saveClaims(ledger: LedgerHandle, next: Ledger): Promise<void> {
  if (JSON.stringify(next) !== JSON.stringify(ledger.state)) await ledger.save(next);
}

function appliedPath(home: string, set: ResourceSet): string {
  return join(home, `applied-${set}.json`);
}

/** What was made last time; nothing where that cannot be read: what is there then is found by name. */
export async function readApplied(home: string, set: ResourceSet): Promise<readonly Resource[]> {
  try {
    return JSON.parse(await readFile(appliedPath(home, set), 'utf8')) as readonly Resource[];
  } catch (error) {
    if (error instanceof SyntaxError || errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function rememberApplied(home: string, wanted: Wanted): Promise<void> {
  await writeApplied(home, 'machine', wanted.machine);
  await writeApplied(home, 'network', wanted.network);
}

async function writeApplied(home: string, set: ResourceSet, resources: readonly Resource[]): Promise<void> {
  const path = appliedPath(home, set);
  const text = `${JSON.stringify(resources)}\n`;
  const before = await readFile(path, 'utf8').catch(() => undefined);
  if (before === text) return;
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomic(path, text, { mode: 0o600 }); // a file of `machine.resources` may hold a secret
}

export async function forgetApplied(home: string): Promise<void> {
  await rm(appliedPath(home, 'machine'), { force: true });
  await rm(appliedPath(home, 'network'), { force: true });
}
