/** Is the machine fit, before anything is changed: all problems at once. Reading is apart from judging. */

import { access } from 'node:fs/promises';

import type { Spec } from '../config/types.ts';
import { diskFree, machineFacts, portHolder, type Holder } from '../host/host.ts';
import type { Code } from '../kit/codes.ts';
import { AntlerError, type Problem } from '../kit/errors.ts';
import { formatSize } from '../kit/units.ts';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;

/** Bytes that must be free in the home; what a first `up` takes is about twice that. */
export const DISK_FLOOR = 2 * GIB;
/** Below this the kernel kills what we start. */
export const MEMORY_FLOOR = 700 * MIB;

/** A port that somebody listens on. */
export interface PortHolder extends Holder {
  readonly port: number;
}

export interface Fitness {
  readonly home: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly system: string;
  readonly debianLike: boolean;
  readonly memory: number;
  /** Free for us in the home's file system. */
  readonly disk: number;
  /** Holders of the ports that we need. */
  readonly holders: readonly PortHolder[];
  /** Installed already: a small disk does not keep a running instance from being changed. */
  readonly installed: boolean;
}

type PortCode = Extract<Code, 'edge/port-taken' | 'console/port-taken'>;

export interface WantedPort {
  /** Its key in the config. */
  readonly at: string;
  readonly port: number;
  /** Where somebody else has it. */
  readonly code: PortCode;
}

export type PortsSpec = Pick<Spec, 'environments' | 'watch'>;

export function wantedPorts({ environments, watch }: PortsSpec, portOffset: number): readonly WantedPort[] {
  return [
    ...environments.map(({ name, port }): WantedPort => ({
      at: `environments.${name}.port`,
      port: port + portOffset,
      code: 'edge/port-taken',
    })),
    { at: 'console.port', port: watch.console.port + portOffset, code: 'console/port-taken' },
  ];
}

export interface FitnessProblem extends Problem {
  readonly code: Code;
}

export function isOfPort({ code }: FitnessProblem): boolean {
  return code === 'edge/port-taken' || code === 'console/port-taken';
}

/** Pure: everything that keeps us from going on. */
export function judgeFitness(fitness: Fitness, ports: readonly WantedPort[]): readonly FitnessProblem[] {
  const problems: FitnessProblem[] = [];
  if (!fitness.debianLike) {
    problems.push({
      code: 'host/unsupported',
      at: 'system',
      message: `is ${fitness.system || 'unknown'}: Antler installs Debian packages`,
    });
  }
  if (fitness.memory < MEMORY_FLOOR) {
    problems.push({
      code: 'instance/not-fit',
      at: 'memory',
      message: `has ${formatSize(fitness.memory)}: ${formatSize(MEMORY_FLOOR)} at least are needed`,
      hint: 'Use a machine with 1 GB or more',
    });
  }
  const floor = fitness.installed ? DISK_FLOOR / 4 : DISK_FLOOR;
  if (fitness.disk < floor) {
    problems.push({
      code: 'host/disk-floor',
      at: fitness.home,
      message: `has ${formatSize(fitness.disk)} free: the floor is ${formatSize(floor)}`,
      hint: 'Free some space there, or use another disk: `antler up --home DIR`',
    });
  }
  for (const { at, port, code } of ports) {
    const holder = fitness.holders.find((one) => one.port === port && !isOurs(one, fitness.home));
    if (holder !== undefined) problems.push({ code, at, message: `${port} is taken by ${nameOf(holder)}` });
  }
  return problems;
}

/** Every process of ours names its home on its command line. */
function isOurs(holder: PortHolder, home: string): boolean {
  return holder.command.includes(`${home}/`);
}

function nameOf({ pid, command }: PortHolder): string {
  return pid === 0 ? command : `process ${pid}: ${command}`;
}

/** Throws the problem, or all of them in one error. */
export function refuse(problems: readonly FitnessProblem[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  const lines = problems.map(({ at, message, hint }) => ({ at, message, ...(hint === undefined ? {} : { hint }) }));
  if (others.length === 0) {
    throw new AntlerError(first.code, `Cannot go on as ${first.at} ${first.message}`, {
      at: first.at,
      ...(first.hint === undefined ? {} : { hint: first.hint }),
    });
  }
  throw new AntlerError(first.code, `Cannot go on as ${problems.length} things stand in the way`, { problems: lines });
}

export async function readFitness(home: string, ports: readonly number[], signal: AbortSignal): Promise<Fitness> {
  const [{ os, debianLike, memory }, disk, holders, installed] = await Promise.all([
    machineFacts(signal),
    diskFree(home),
    Promise.all(ports.map(async (port) => holderOf(port))),
    access(`${home}/program/current`).then(
      () => true,
      () => false,
    ),
  ]);
  return { home, system: os.name, debianLike, memory: memory.total, disk, holders: holders.flat(), installed };
}

async function holderOf(port: number): Promise<readonly PortHolder[]> {
  const holder = await portHolder(port);
  return holder === undefined ? [] : [{ ...holder, port }];
}
