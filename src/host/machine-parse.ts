/** What the kernel's and Debian's files say about the machine. */

export type CgroupKind = 'v1' | 'hybrid' | 'v2' | 'none';

export interface OsRelease {
  /** `debian`, `raspbian`, `ubuntu` … */
  readonly id: string;
  readonly like: readonly string[];
  /** `12`; empty where it is not said. */
  readonly version: string;
  readonly codename: string;
  /** `Debian GNU/Linux 12 (bookworm)`. */
  readonly name: string;
}

export function parseOsRelease(text: string): OsRelease {
  const pairs = text.split('\n').map((line) => /^([A-Z_]+)=(?:"(.*)"|'(.*)'|(.*))$/.exec(line.trim()));
  const of = (key: string): string => {
    const found = pairs.find((pair) => pair?.[1] === key);
    return found?.[2] ?? found?.[3] ?? found?.[4] ?? '';
  };
  return {
    id: of('ID'),
    like: of('ID_LIKE').split(' ').filter(Boolean),
    version: of('VERSION_ID'),
    codename: of('VERSION_CODENAME'),
    name: of('PRETTY_NAME'),
  };
}

/** Bytes of a line of /proc/meminfo. */
export function parseMeminfo(text: string, key: 'MemTotal' | 'MemAvailable' | 'SwapTotal'): number {
  const kilobytes = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return Number(kilobytes ?? 0) * 1024;
}

/** Kind by what is mounted. `hybrid`: v1 controllers, and a v2 tree without them. */
export function parseCgroupMounts(mounts: string): CgroupKind {
  const types = new Set(mounts.split('\n').flatMap((line) => line.split(' ')[2] ?? []));
  if (types.has('cgroup')) return types.has('cgroup2') ? 'hybrid' : 'v1';
  return types.has('cgroup2') ? 'v2' : 'none';
}

/** v1: `memory` is on in /proc/cgroups (`memory 4 10 1`). v2: it is among cgroup.controllers. A Pi boots with it off. */
export function hasMemoryController(kind: CgroupKind, procCgroups: string, controllers: string): boolean {
  if (kind === 'v2') return controllers.split(/\s+/).includes('memory');
  return /^memory\t\d+\t\d+\t1$/m.test(procCgroups);
}

export interface HardLimits {
  readonly openFiles: number;
  readonly processes: number;
}

/** Our own hard limits of /proc/self/limits; a container may not be given more. `unlimited` is Infinity. */
export function parseLimits(text: string): HardLimits {
  const hard = (name: string): number => {
    const value = new RegExp(`^Max ${name}\\s+\\S+\\s+(\\S+)`, 'm').exec(text)?.[1] ?? 'unlimited';
    return value === 'unlimited' ? Number.POSITIVE_INFINITY : Number(value);
  };
  return { openFiles: hard('open files'), processes: hard('processes') };
}
