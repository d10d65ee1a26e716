/** A container's memory as the kernel counts it: v1, hybrid and v2. */

import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

import type { MemoryUse } from '../types.ts';

/** The memory controller's folder of one process; where v2's runtime made a folder within the container's, that inner one. */
export interface MemoryFolder {
  readonly version: 'v1' | 'v2';
  readonly path: string;
}

export async function memoryFolder(pid: number): Promise<MemoryFolder | undefined> {
  const [cgroup, mounts] = await Promise.all([read(`/proc/${pid}/cgroup`), read('/proc/self/mounts')]);
  return cgroup === undefined || mounts === undefined ? undefined : findMemoryFolder(cgroup, mounts);
}

/** From the texts of /proc/PID/cgroup and /proc/self/mounts. */
export function findMemoryFolder(cgroup: string, mounts: string): MemoryFolder | undefined {
  const groups = cgroup.split('\n').map((line) => /^\d+:([^:]*):(.*)$/.exec(line));
  const points = mounts.split('\n').map((line) => line.split(' '));
  const v1 = groups.find((group) => group?.[1]?.split(',').includes('memory'));
  if (v1 !== undefined && v1 !== null) {
    const point = points.find(([, , type, options]) => type === 'cgroup' && options?.split(',').includes('memory'))?.[1];
    return point === undefined ? undefined : { version: 'v1', path: `${point}${v1[2] ?? ''}` };
  }
  const v2 = groups.find((group) => group?.[1] === '');
  const point = points.find(([, , type]) => type === 'cgroup2')?.[1];
  return v2 === undefined || v2 === null || point === undefined ? undefined : { version: 'v2', path: `${point}${v2[2] ?? ''}` };
}

/** undefined where the folder is gone. */
export async function readMemory({ version, path }: MemoryFolder): Promise<MemoryUse | undefined> {
  const [use, max, events] =
    version === 'v1'
      ? ['memory.usage_in_bytes', 'memory.limit_in_bytes', 'memory.oom_control']
      : ['memory.current', 'memory.max', 'memory.events'];
  const [bytes, limit, counts] = await Promise.all([read(`${path}/${use}`), read(`${path}/${max}`), read(`${path}/${events}`)]);
  if (bytes === undefined || counts === undefined) return undefined;
  return { bytes: Number(bytes), limit: parseLimit(limit), oomKills: parseOomKills(counts) };
}

/** The kernel's OOM kills in this group; undefined where the folder is gone. */
export function oomKills({ version, path }: MemoryFolder): number | undefined {
  try {
    return parseOomKills(readFileSync(`${path}/${version === 'v1' ? 'memory.oom_control' : 'memory.events'}`, 'utf8'));
  } catch {
    return undefined;
  }
}

function parseOomKills(counts: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(counts)?.[1] ?? 0);
}

/** v1 says "no limit" by a number near 2^63. */
function parseLimit(text: string | undefined): number | undefined {
  const limit = Number(text);
  return Number.isFinite(limit) && limit < 2 ** 60 ? limit : undefined;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}
