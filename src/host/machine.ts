/** What kind of machine this is: read, never assumed. */

import { readFile, stat, statfs } from 'node:fs/promises';
import process from 'node:process';
import { dirname } from 'node:path';

import { AntlerError, hasCode } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { formatSize } from '../kit/units.ts';
import {
  hasMemoryController,
  parseCgroupMounts,
  parseLimits,
  parseMeminfo,
  parseOsRelease,
  type CgroupKind,
  type HardLimits,
  type OsRelease,
} from './machine-parse.ts';
import { supervisorKind } from './supervisor/supervisor.ts';
import type { SupervisorKind } from './types.ts';

export interface MachineFacts {
  readonly os: OsRelease;
  /** Debian or made of it: has dpkg. */
  readonly debianLike: boolean;
  /** As Node says: `x64`, `arm64`. */
  readonly arch: string;
  readonly memory: { readonly total: number; readonly available: number; readonly swap: number };
  readonly cgroups: CgroupKind;
  /** Are memory limits possible at all? (Enforced is proved by a container only.) */
  readonly memoryController: boolean;
  readonly supervisor: SupervisorKind;
  readonly limits: HardLimits;
  readonly clock: ClockFact;
}

interface ClockFact {
  /** `unknown` where nothing on the machine says so. */
  readonly synced: 'yes' | 'no' | 'unknown';
  readonly source: string;
}

export async function machineFacts(signal: AbortSignal): Promise<MachineFacts> {
  const [osRelease, meminfo, mounts, cgroups, controllers, limits] = await Promise.all(
    [
      '/etc/os-release',
      '/proc/meminfo',
      '/proc/self/mounts',
      '/proc/cgroups',
      '/sys/fs/cgroup/cgroup.controllers',
      '/proc/self/limits',
    ].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const kind = parseCgroupMounts(mounts ?? '');
  const os = parseOsRelease(osRelease ?? '');
  return {
    os,
    debianLike: [os.id, ...os.like].includes('debian'),
    arch: process.arch,
    memory: {
      total: parseMeminfo(meminfo ?? '', 'MemTotal'),
      available: parseMeminfo(meminfo ?? '', 'MemAvailable'),
      swap: parseMeminfo(meminfo ?? '', 'SwapTotal'),
    },
    cgroups: kind,
    memoryController: hasMemoryController(kind, cgroups ?? '', controllers ?? ''),
    supervisor: supervisorKind(),
    limits: parseLimits(limits ?? ''),
    clock: await clockFact(signal),
  };
}

/** Free bytes of the file system that holds the path (or, where it is not there yet, its nearest folder). */
export async function diskFree(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(await nearest(path));
  return bavail * bsize;
}

/** Throws `host/disk-floor`. */
export async function requireDisk(path: string, floor: number): Promise<void> {
  const free = await diskFree(path);
  if (free >= floor) return;
  throw new AntlerError(
    'host/disk-floor',
    `Cannot go on as the disk of ${path} has ${formatSize(free)} free, and ${formatSize(floor)} is the floor`,
  );
}

async function clockFact(signal: AbortSignal): Promise<ClockFact> {
  if (supervisorKind() !== 'systemd') return { synced: 'unknown', source: 'no systemd-timedated' };
  try {
    const { stdout } = await exec(['timedatectl', 'show', '-p', 'NTPSynchronized', '--value'], { signal, accept: [1], timeoutMs: 5000 });
    const word = stdout.trim();
    return { synced: word === 'yes' ? 'yes' : word === 'no' ? 'no' : 'unknown', source: 'timedatectl' };
  } catch (error) {
    if (hasCode(error, 'kit/aborted')) throw error;
    return { synced: 'unknown', source: 'no systemd-timedated' };
  }
}

async function nearest(path: string): Promise<string> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  const parent = dirname(path);
  return there || parent === path ? path : nearest(parent);
}
