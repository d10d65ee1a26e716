/** How a process is ended: asked, asked firmly, then killed with all that it started. */

import { setTimeout as pause } from 'node:timers/promises';

import { familyFinder, killAll, sendSignal } from '../../kit/processes.ts';

export interface LadderTimes {
  /** From SIGINT to SIGTERM. */
  readonly interruptMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly terminateMs: number;
}

/** GitHub's times. */
export const LADDER_TIMES: LadderTimes = { interruptMs: 7500, terminateMs: 2500 };

/** What does not end when it is killed waits for a device: the machine's matter. */
export const GIVE_UP_MS = 10_000;

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
  sendSignal(-pid, 'SIGINT');
  if (!(await wait(times.interruptMs))) {
    sendSignal(-pid, 'SIGTERM');
    await wait(times.terminateMs);
  }
  await killAll(familyFinder(pid), AbortSignal.timeout(GIVE_UP_MS));
}
