/** How a process is ended: asked, asked firmly, then killed with all that it started. */

import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';

import { findTree, signalAll, type TreeQuery } from './tree.ts';

export interface LadderTimes {
  /** From SIGINT to SIGTERM. */
  readonly interruptMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly terminateMs: number;
}

/** GitHub's times. */
export const LADDER_TIMES: LadderTimes = { interruptMs: 7500, terminateMs: 2500 };

export interface LadderOptions {
  /** Leads a process group and a session of its own. */
  readonly pid: number;
  readonly times: LadderTimes;
  /** Done when the process has ended. */
  readonly ended: Promise<unknown>;
}

/** Returns when nothing of the tree is left. */
export async function descend({ pid, times, ended }: LadderOptions): Promise<void> {
  const over = ended.then(() => true);
  const wait = async (ms: number): Promise<boolean> => {
    const stop = new AbortController();
    const timer = pause(ms, false, { signal: stop.signal }).catch(() => false);
    const done = await Promise.race([over, timer]);
    stop.abort();
    return done;
  };
  signalGroup(pid, 'SIGINT');
  if (!(await wait(times.interruptMs))) {
    signalGroup(pid, 'SIGTERM');
    await wait(times.terminateMs);
  }
  await killTree({ roots: [pid] });
}

/** SIGKILL until nobody is left: who forks meanwhile is met in the next round. */
export async function killTree(query: TreeQuery): Promise<void> {
  for (let round = 0; round < 50; round++) {
    const left = findTree(query);
    if (left.length === 0) return;
    signalAll(left, 'SIGKILL');
    await pause(Math.min(5 * (round + 1), 100));
  }
}

/** The same without waiting, for the last moment of our own process. */
export function killTreeNow(query: TreeQuery): void {
  for (let round = 0; round < 20; round++) {
    const left = findTree(query);
    if (left.length === 0) return;
    signalAll(left, 'SIGKILL');
  }
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // nobody is left in the group
  }
}
