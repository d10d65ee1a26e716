/** What the machine allows its containers: own hard limits, cgroups, runtimes. Read once, then plain values. */

import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';

export interface EngineFacts {
  /** `hybrid`: the controllers that limit containers are v1 ones. */
  readonly cgroups: 'v1' | 'hybrid' | 'v2' | 'none';
  /** Is systemd PID 1? */
  readonly systemd: boolean;
  /** Absolute paths; undefined where absent. */
  readonly runc: string | undefined;
  readonly crun: string | undefined;
  /** Our own hard limits, which nothing that we start can raise; undefined: unlimited. */
  readonly nofile: number | undefined;
  /** Podman lowers its own to the kernel's greatest process id: counted in. */
  readonly nproc: number | undefined;
}

const BIN = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/bin', '/sbin'];

/** Reads this machine, as this process sees it: call it in the process that will start the engine, or in one with the same limits. */
export async function readEngineFacts(): Promise<EngineFacts> {
  const [mounts, limits, pidMax, systemd, runc, crun] = await Promise.all([
    readFile('/proc/self/mounts', 'utf8'),
    readFile('/proc/self/limits', 'utf8'),
    readFile('/proc/sys/kernel/pid_max', 'utf8'),
    exists('/run/systemd/system'),
    findProgram('runc'),
    findProgram('crun'),
  ]);
  return {
    cgroups: cgroupsOf(mounts),
    systemd,
    runc,
    crun,
    nofile: hardLimit(limits, 'Max open files'),
    nproc: Math.min(hardLimit(limits, 'Max processes') ?? Number.MAX_SAFE_INTEGER, Number(pidMax)),
  };
}

/** Which cgroups limit containers, from /proc/self/mounts. */
export function cgroupsOf(mounts: string): EngineFacts['cgroups'] {
  const fields = mounts.split('\n').map((line) => line.split(' '));
  const v1 = fields.some(([, , type, options]) => type === 'cgroup' && (options ?? '').split(',').includes('memory'));
  const v2 = fields.some(([, , type]) => type === 'cgroup2');
  const anyV1 = fields.some(([, , type]) => type === 'cgroup');
  if (v1 || anyV1) return v2 ? 'hybrid' : 'v1';
  return v2 ? 'v2' : 'none';
}

/** A hard limit of /proc/self/limits; undefined where unlimited. */
export function hardLimit(limits: string, name: string): number | undefined {
  const line = limits.split('\n').find((text) => text.startsWith(`${name} `));
  const hard = line?.slice(name.length).trim().split(/\s+/)[1];
  return hard === undefined || hard === 'unlimited' ? undefined : Number(hard);
}

async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of BIN) if (await exists(`${folder}/${name}`, constants.X_OK)) return `${folder}/${name}`;
  return undefined;
}

async function exists(path: string, mode: number = constants.F_OK): Promise<boolean> {
  try {
    await access(path, mode);
    return true;
  } catch {
    return false;
  }
}
