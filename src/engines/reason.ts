/** Why a container ended: pure. */

import type { ExitReason } from './types.ts';

/** 128 + SIGKILL, SIGTERM, SIGINT, SIGHUP: somebody ended it. Other signals (SEGV, ABRT) are its own doing. */
const KILLED = new Set([137, 143, 130, 129]);

/** `oomKilled`: the kernel killed a process of this container for its memory limit, as it ended. */
export function exitReason(exitCode: number, oomKilled: boolean): ExitReason {
  if (exitCode === 0) return 'done';
  if (oomKilled) return 'oom';
  return KILLED.has(exitCode) ? 'killed' : 'crash';
}
