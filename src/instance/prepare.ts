/** An instance and everything that it wants of its machine: what `up` applies and `host plan` shows. */

import type { Spec } from '../config/types.ts';
import type { Change } from '../host/types.ts';
import { ensureEdgeFile } from './edge-file.ts';
import { applyMachine, type MachineOptions, type Wanted } from './machine.ts';
import { wantedResources } from './parts.ts';
import { pathsOf, realHome } from './paths.ts';
import { installProgram } from './program.ts';
import { createInstance, imagineInstance, readInstance } from './record.ts';
import { machineIsPublic, readSurroundings } from './surroundings.ts';
import { planTopology, readTopology, writeTopology, type PlannedTopology } from './topology.ts';
import type { Instance, Topology } from './types.ts';

export interface PrepareOptions {
  readonly home: string;
  /** Of a new instance; one that is there keeps its own. */
  readonly portOffset: number;
  readonly spec: Spec;
  /** Users that may operate it without sudo. */
  readonly operators: readonly string[];
  /** False: nothing is recorded or claimed, not even the instance. */
  readonly make: boolean;
  readonly signal: AbortSignal;
}

export interface Prepared {
  readonly instance: Instance;
  readonly topology: Topology;
  readonly wanted: Wanted;
}

/** Throws `releases/other-app` before anything is recorded. */
export async function prepare(options: PrepareOptions): Promise<Prepared> {
  const { spec, portOffset, operators, signal, make } = options;
  const home = realHome(options.home);
  await refuseOtherApp(home, spec);
  const known = await readInstance(home);
  const surroundings = known === undefined ? await readSurroundings(signal) : { routes: [], idLines: [], listening: new Set<number>() };
  const create = { portOffset, operators, surroundings, ledger: { signal } };
  const instance = make ? await createInstance(home, create) : await imagineInstance(home, create);
  const { recorded, topology } = await planHere(instance, spec);
  if (make) await writeTopology(pathsOf(home).topology, recorded);
  return { instance, topology, wanted: await wantedResources({ instance, topology, spec }) };
}

/** Makes the machine as prepared, with all that its services start from. Returns what it changed. */
export async function applyPrepared({ instance, wanted }: Prepared, options: Omit<MachineOptions, 'instance'>): Promise<readonly Change[]> {
  await installProgram({ program: pathsOf(instance.home).program, signal: options.signal });
  await ensureEdgeFile(instance);
  return applyMachine(wanted, { ...options, instance });
}

/** Before anything is touched. Throws `releases/other-app`. */
export async function refuseOtherApp(home: string, spec: Spec): Promise<void> {
  const instance = await readInstance(home);
  if (instance !== undefined) await planHere(instance, spec);
}

async function planHere(instance: Instance, spec: Spec): Promise<PlannedTopology> {
  const recorded = await readTopology(pathsOf(instance.home).topology);
  return planTopology({ recorded, spec, instance, public: machineIsPublic() });
}
