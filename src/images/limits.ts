/** What a build may use: of our own hard limits, as no container may get more than we have, and of the machine's memory. Pure. */

export interface Limits {
  readonly openFiles: number;
  readonly processes: number;
}

/** What we would give if nothing were in the way. */
const WANTED: Limits = { openFiles: 65_536, processes: 32_768 };

/** From `/proc/self/limits`: the smaller of what we want and what we may. */
export function parseLimits(text: string): Limits {
  return {
    openFiles: Math.min(WANTED.openFiles, hardLimit(text, 'Max open files')),
    processes: Math.min(WANTED.processes, hardLimit(text, 'Max processes')),
  };
}

function hardLimit(text: string, name: string): number {
  const line = text.split('\n').find((candidate) => candidate.startsWith(name));
  const hard = line?.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? Number.POSITIVE_INFINITY : Number(hard);
}

const MB = 1024 ** 2;

/** Bytes for one build: half of the machine, as what it delivers runs on while it builds; less than npm and a compiler need would end no build. */
export function buildMemory(machine: number): number {
  return Math.min(2048 * MB, Math.max(512 * MB, Math.floor(machine / 2 / MB) * MB));
}
