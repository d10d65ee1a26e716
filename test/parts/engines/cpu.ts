/** What the kernel lets a process have of the processors, read where the kernel keeps it. */

import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Cores of the nearest control group that has a limit: cgroup v2's `cpu.max`, or v1's quota and period; undefined where none has. */
export function cpuQuota(pid: number): number | undefined {
  const groups = readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim().split('\n');
  const folder = (which: RegExp): string | undefined => groups.flatMap((line) => which.exec(line)?.[1] ?? [])[0];
  const first = folder(/^\d+:(?:[\w,]+,)?cpu(?:,[\w,]+)?:(.*)$/);
  const read = (path: string): number[] => (existsSync(path) ? readFileSync(path, 'utf8').trim().split(' ').map(Number) : []);
  for (let group = first ?? folder(/^0::(.*)$/) ?? '/'; group !== '/'; group = dirname(group)) {
    const [quota = -1, period = 1] =
      first === undefined
        ? read(`/sys/fs/cgroup${group}/cpu.max`)
        : ['quota', 'period'].flatMap((word) => read(`/sys/fs/cgroup/cpu${group}/cpu.cfs_${word}_us`));
    if (quota > 0) return quota / period;
  }
  return undefined;
}
