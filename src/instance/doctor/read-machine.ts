/** Reads of the machine what the doctor judges. */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { machineFacts } from '../../host/host.ts';
import { isOfPort, judgeFitness, readFitness, wantedPorts, type PortsSpec } from '../preflight.ts';
import { SOURCE_ROOT } from '../program.ts';
import type { MachineReading } from './machine-checks.ts';

export interface ReadMachineOptions {
  readonly home: string;
  readonly spec: PortsSpec | undefined;
  readonly portOffset: number;
  readonly signal: AbortSignal;
}

export async function readMachine({ home, spec, portOffset, signal }: ReadMachineOptions): Promise<MachineReading> {
  const ports = spec === undefined ? [] : wantedPorts(spec, portOffset);
  const numbers = ports.map(({ port }) => port);
  const [fitness, { memory, clock }, codeTime] = await Promise.all([
    readFitness(home, numbers, signal),
    machineFacts(signal),
    newestCode(),
  ]);
  return {
    fitness,
    available: memory.available,
    now: Date.now(),
    codeTime,
    synced: clock.synced,
    portProblems: judgeFitness(fitness, ports).filter(isOfPort),
    ports: numbers,
  };
}

async function newestCode(): Promise<number> {
  const folder = join(SOURCE_ROOT, 'src');
  const times = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).mtimeMs));
  return Math.max(0, ...times);
}
