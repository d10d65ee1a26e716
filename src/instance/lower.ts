/** Takes an instance off its machine: `antler down`. Works by the home's name alone, so also where the instance is half-made or its daemon dead. */

import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';

import type { OutputEvent, StepEvent } from '../contract/events.ts';
import { undoHost } from '../host/host.ts';
import type { Resource, Undo } from '../host/types.ts';
import { removeBuilder } from '../images/images.ts';
import { errnoOf } from '../kit/errors.ts';
import { isEngineEmpty, removeAddressNotes, removeEngineRemains } from './engine-remains.ts';
import { release, unclaimed } from './ledger-plan.ts';
import { lockLedger, readLedger } from './ledger.ts';
import { placeOf, readApplied, forgetApplied, undoUnclaimed } from './machine.ts';
import { firewallTable, instanceId, pathsOf, realHome, serviceNames } from './paths.ts';
import { endLeftovers } from './leftovers.ts';
import { readInstance } from './record.ts';
import { isShared } from './resources.ts';
import { createSteps } from './steps.ts';
import { instanceAddresses, removeContainers, removeImages, removeNetworks, removeVolumes } from './sweep.ts';
import type { Instance } from './types.ts';

export interface LowerOptions {
  readonly home: string;
  /** Leaves nothing: data, images, packages that we installed and nobody else claims. */
  readonly purge: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: StepEvent | OutputEvent) => void;
}

export interface Lowered {
  readonly id: string;
  /** False where there was nothing of this instance. */
  readonly found: boolean;
  /** What stayed in the home as it is not ours; only with `purge`. */
  readonly left: readonly string[];
}

/** Again, and after an interruption, is harmless. */
export async function lower(options: LowerOptions): Promise<Lowered> {
  const { purge, signal } = options;
  const steps = createSteps(options.onEvent);
  const home = realHome(options.home);
  const id = instanceId(home);
  const found = await isAnything(home, id);
  if (!found) return { id, found, left: [] };
  const { registryPort } = await reservedFor(home, id);

  await takeOff({ ...options, home }, async () => {
    if (!purge) return;
    await steps.run({ step: 'data', title: 'Remove volumes, images and data' }, async () => {
      await removeVolumes(id, signal);
      if (registryPort !== undefined) await removeImages(registryPort, signal);
    });
  });
  return { id, found, left: purge ? await removeHome(home) : await clearRun(home) };
}

/** Stops everything of the instance and puts the machine back; the home's data stays. With `purge` packages and reservations go too. */
export async function undoMachine(options: LowerOptions): Promise<void> {
  await takeOff(options, async () => undefined);
}

/** `dropData` comes when no container is left and the engine, which may go with the packages, still is. */
async function takeOff(options: LowerOptions, dropData: () => Promise<void>): Promise<void> {
  const { purge, signal } = options;
  const steps = createSteps(options.onEvent);
  const home = realHome(options.home);
  const id = instanceId(home);
  const applied = [...(await readApplied(home, 'machine')), ...(await readApplied(home, 'network'))];
  await steps.run({ step: 'services', title: 'Stop services and containers' }, async () => {
    const names = serviceNames(id);
    const place = placeOf({ id, home });
    const service = (name: string): Undo => ({ kind: 'service', name, place });
    await undoHost([service(names.daemon)], { signal, place }); // alone and first: it would start again what ends
    await removeContainers(id, signal);
    await removeBuilder({ instance: id, engineConf: pathsOf(home).engineConf }, signal);
    const own = applied.flatMap((resource) => (resource.kind === 'service' && !isShared(resource, { id, home }) ? [resource.name] : []));
    const others = new Set([names.edge, names.registry, names.engine, names.containers, ...own]);
    others.delete(names.daemon);
    await undoHost([...others].map(service), { signal, place });
    await endLeftovers(home, signal);
  });
  await steps.run({ step: 'network', title: 'Take networks, addresses and firewall away' }, async () => {
    await removeNetworks(id, signal);
    await removeAddressNotes(id);
    await undoHost(await networkUndos({ id, home, applied, signal }), { signal });
  });
  await dropData();
  await steps.run({ step: 'machine', title: 'Put the machine back' }, async (report) => {
    await using ledger = await lockLedger({ signal, onWait: (holder) => report.line(`waiting for another Antler: ${holder}`) });
    await ledger.save(release(ledger.state, id, { purge }));
    const engineGoes = unclaimed(ledger.state, { purge }).some(({ undo }) => undo?.kind === 'package' && undo.name === 'podman');
    const empty = engineGoes && (await isEngineEmpty(signal));
    await undoUnclaimed(ledger, { signal, purge, onLine: report.line });
    if (empty) await removeEngineRemains(signal);
  });
  await forgetApplied(home);
  for (const folder of [`/run/antler-${id}`, `/run/antler-builder-${id}`]) await rm(folder, { recursive: true, force: true });
}

interface NetworkUndos {
  readonly id: string;
  readonly home: string;
  readonly applied: readonly Resource[];
  readonly signal: AbortSignal;
}

/** By record, and by what is on the machine: a half-made instance has no record. */
async function networkUndos({ id, home, applied, signal }: NetworkUndos): Promise<readonly Undo[]> {
  const recorded = applied.flatMap((resource) => (resource.kind === 'address' ? [resource.address] : []));
  const { block } = await reservedFor(home, id);
  const there = block === undefined ? [] : await instanceAddresses(block, signal);
  const addresses = [...new Set([...recorded, ...there])];
  return [
    ...addresses.map((address): Undo => ({ kind: 'address', address })),
    { kind: 'firewall', table: firewallTable(id), before: null },
  ];
}

/** By record, else by the ledger: a half-made instance has claimed before it was recorded. */
async function reservedFor(home: string, id: string): Promise<Partial<Pick<Instance, 'block' | 'registryPort'>>> {
  const instance = await readInstance(home);
  if (instance !== undefined) return instance;
  const mine = Object.values((await readLedger()).entries).flatMap((entry) =>
    entry.kind === 'reservation' && entry.users.includes(id) ? [entry.what] : [],
  );
  const block = mine.find((what) => what.kind === 'address-block')?.block;
  const registryPort = mine.find((what) => what.kind === 'port')?.port;
  return { ...(block === undefined ? {} : { block }), ...(registryPort === undefined ? {} : { registryPort }) };
}

async function isAnything(home: string, id: string): Promise<boolean> {
  const entries = await readdir(home).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return [];
    throw error;
  });
  const known = new Set(homeEntries(home));
  if (entries.some((entry) => known.has(join(home, entry)))) return true;
  const ledger = await readLedger();
  return ledger.homes[id] !== undefined;
}

/** Everything that Antler makes in a home; what else lies there is somebody's. */
function homeEntries(home: string): readonly string[] {
  const paths = pathsOf(home);
  const names = [
    'platform.db-wal',
    'platform.db-shm',
    'applied-machine.json',
    'applied-network.json',
    'boot',
    'services.pid',
    'probe',
    'repos',
  ];
  return [
    ...Object.values(paths as unknown as Record<string, string>).filter((path) => path !== home),
    ...names.map((name) => join(home, name)),
  ];
}

/** Only what is known goes: a mistyped `--home /home/me` must not cost anybody's files. */
async function removeHome(home: string): Promise<readonly string[]> {
  const copies = (await readdir(home).catch(() => [])).filter(
    (name) => /^platform\.db\.v\d+$/.test(name) || /^metrics\.db[.-]/.test(name) || /\.[0-9a-f]{8}\.tmp$/.test(name),
  );
  for (const path of [...homeEntries(home), ...copies.map((name) => join(home, name))]) await rm(path, { recursive: true, force: true });
  const left = await readdir(home).catch(() => []);
  if (left.length === 0) await rmdir(home).catch(() => undefined);
  return left.map((name) => join(home, name));
}

async function clearRun(home: string): Promise<readonly string[]> {
  await rm(pathsOf(home).run, { recursive: true, force: true });
  return [];
}
