/** What is known of our containers without asking the engine: it sleeps most of the time, and shall go on sleeping. */

import { isAlive } from '../../kit/processes.ts';
import type { Exit } from '../types.ts';
import { memoryFolder, type MemoryFolder } from './cgroup.ts';

export interface Tracked {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
  readonly pid: number | undefined;
  readonly memory: MemoryFolder | undefined;
  readonly lastExit: Exit | undefined;
}

export interface Tracker {
  byId(id: string): Tracked | undefined;
  byName(name: string): Tracked | undefined;
  /** Seen running, and not heard to have ended. */
  allRunning(): readonly Tracked[];
  /** Made, or seen at rest. */
  known(id: string, name: string): void;
  /** Seen running as this process. */
  running(seen: { readonly id: string; readonly name: string; readonly pid: number }): Promise<void>;
  ended(id: string, exit: Exit): void;
  removed(name: string): void;
  /** Tells everybody who listens of an end: whoever hears of it first says it once, for all. */
  tell(exit: Exit): void;
  /** Until what it returns is called. */
  listen(told: (exit: Exit) => void): () => void;
}

export function createTracker(): Tracker {
  const all = new Map<string, Tracked>();
  const listeners = new Set<(exit: Exit) => void>();
  const byName = (name: string): Tracked | undefined => [...all.values()].find((item) => item.name === name);

  return {
    byId: (id) => all.get(id),
    byName,
    allRunning: () => [...all.values()].filter(({ running }) => running),
    known(id, name) {
      const before = all.get(id);
      all.set(id, { id, name, pid: undefined, memory: before?.memory, lastExit: before?.lastExit, running: false });
    },
    async running({ id, name, pid }) {
      const before = all.get(id);
      if (before?.pid === pid && before.running && before.memory !== undefined) return;
      const memory = await memoryFolder(pid);
      // A short life may have ended, and its end been heard, while we looked: it is not running any more.
      if (all.get(id)?.lastExit !== before?.lastExit || !isAlive(pid)) return;
      // Until the runtime has moved it, a young process is still in its parent's group.
      const own = memory?.path.includes(id) === true ? memory : before?.memory;
      all.set(id, { id, name, pid, running: true, memory: own, lastExit: before?.lastExit });
    },
    ended(id, exit) {
      const before = all.get(id);
      if (before !== undefined) all.set(id, { ...before, running: false, pid: undefined, lastExit: exit });
    },
    removed(name) {
      const found = byName(name);
      if (found !== undefined) all.delete(found.id);
    },
    tell(exit) {
      for (const told of listeners) told(exit);
    },
    listen(told) {
      listeners.add(told);
      return () => void listeners.delete(told);
    },
  };
}
