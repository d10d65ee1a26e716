/** Waits for the package system's locks, and says who holds them. */

import { AntlerError } from '../../kit/errors.ts';
import { formatDuration } from '../../kit/units.ts';
import { sleep } from '../../kit/wait.ts';
import type { HostOptions } from '../context.ts';
import { lockHolder } from '../proc/locks.ts';

const LOCKS = ['/var/lib/dpkg/lock-frontend', '/var/lib/dpkg/lock', '/var/lib/apt/lists/lock', '/var/cache/apt/archives/lock'];
const WAIT_MS = 300_000;

/** Returns when nobody holds a lock. Throws `host/dpkg-locked` after the limit. */
export async function waitForDpkg(options: HostOptions): Promise<void> {
  const limit = options.lockWaitMs ?? WAIT_MS;
  const until = performance.now() + limit;
  let told = 0;
  for (;;) {
    options.signal.throwIfAborted();
    const holder = await lockHolder(LOCKS);
    if (holder === undefined) return;
    if (performance.now() >= until) {
      throw new AntlerError(
        'host/dpkg-locked',
        `Cannot install packages as ${holder.command} (process ${holder.pid}) has held the dpkg lock for more than ${formatDuration(limit)}`,
        { hint: `Wait for process ${holder.pid} (${holder.command}) to end, then type the same again` },
      );
    }
    if (told !== holder.pid) options.onLine?.(`waiting for ${holder.command} (process ${holder.pid}), which holds the dpkg lock`);
    told = holder.pid;
    await sleep(Math.min(500, Math.max(1, until - performance.now())), options.signal);
  }
}
