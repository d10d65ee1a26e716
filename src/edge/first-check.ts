/** Waits for the first check of servers in a HAProxy that has just started. */

import { poll } from '../kit/wait.ts';
import { backendName } from './file.ts';
import type { Runtime } from './runtime.ts';
import type { ServerId } from './types.ts';

/** What is really down is given its weight all the same. */
const CHECK_MS = 2000;

/** Until then it takes each for well, and that one check alone may bring a server down: not the moment to take the others' weight away. */
export async function waitUntilChecked(runtime: Pick<Runtime, 'stat'>, servers: readonly ServerId[], signal: AbortSignal): Promise<void> {
  const until = performance.now() + CHECK_MS;
  const look = async (): Promise<true | undefined> => {
    const rows = await runtime.stat(signal);
    const well = servers.every((server) =>
      rows.some((row) => row.proxy === backendName(server) && row.server === server.name && row.check.startsWith('L7OK')),
    );
    return well || performance.now() > until ? true : undefined;
  };
  await poll(look, { signal, everyMs: 50, what: 'the first check' });
}
