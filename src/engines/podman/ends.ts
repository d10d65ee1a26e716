/** How a container ended: from the file that conmon leaves, its control group, and the kernel's log. */

import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

import { exitReason } from '../reason.ts';
import type { Exit } from '../types.ts';
import { oomKills } from './cgroup.ts';
import { readOomKills } from './kernel-log.ts';
import type { Tracked } from './tracker.ts';

/** An OOM kill so many milliseconds before the end is its reason. */
const NEAR = 5000;

/**
 * undefined where the engine has cleaned up already (or where it runs). At once, without a turn of the event loop: Podman removes the file and the control
 * group within 15 to 80 ms.
 */
export function readExit(folder: string, container: Pick<Tracked, 'id' | 'name' | 'memory'>): Exit | undefined {
  const path = join(folder, container.id);
  try {
    const exitCode = Number(readFileSync(path, 'utf8').trim());
    const { mtimeMs } = statSync(path);
    // The group was made at this start: its count is this life's. It tells nothing of what came long before another end.
    const counted = exitCode === 137 && container.memory !== undefined ? oomKills(container.memory) : undefined;
    const oom = counted === undefined ? exitCode !== 0 && wasOom(container.id, mtimeMs) : counted > 0;
    return { name: container.name, exitCode, reason: exitReason(exitCode, oom), at: Math.round(mtimeMs) };
  } catch {
    return undefined;
  }
}

/** Did the kernel kill something of this container for its memory, shortly before `at`? */
export function wasOom(id: string, at: number): boolean {
  return readOomKills().some((kill) => kill.container === id && kill.at > at - NEAR && kill.at < at + NEAR);
}
