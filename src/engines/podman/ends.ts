/** How a container ended: from the file that conmon leaves, its control group, and the kernel's log. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { exitReason } from '../reason.ts';
import type { Exit } from '../types.ts';
import { readMemory } from './cgroup.ts';
import { readOomKills } from './kernel-log.ts';
import type { Tracked } from './tracker.ts';

/** An OOM kill so many milliseconds before the end is its reason. */
const NEAR = 5000;

/** undefined where the engine has cleaned up already (or where it runs). */
export async function readExit(folder: string, container: Pick<Tracked, 'id' | 'name' | 'memory'>): Promise<Exit | undefined> {
  const path = join(folder, container.id);
  try {
    const [text, { mtimeMs }, memory] = await Promise.all([
      readFile(path, 'utf8'),
      stat(path),
      container.memory === undefined ? undefined : readMemory(container.memory),
    ]);
    const exitCode = Number(text.trim());
    // The group was made at this start: its count is this life's. It tells nothing of what came long before another end.
    const oom = exitCode === 137 && memory !== undefined ? memory.oomKills > 0 : exitCode !== 0 && wasOom(container.id, mtimeMs);
    return { name: container.name, exitCode, reason: exitReason(exitCode, oom), at: Math.round(mtimeMs) };
  } catch {
    return undefined;
  }
}

/** Did the kernel kill something of this container for its memory, shortly before `at`? */
export function wasOom(id: string, at: number): boolean {
  return readOomKills().some((kill) => kill.container === id && kill.at > at - NEAR && kill.at < at + NEAR);
}
