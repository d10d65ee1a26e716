/** When a service counts as started: it has lived for a moment, so that one which dies at once is told. */

import { AntlerError, hasCode } from '../../kit/errors.ts';
import { poll } from '../../kit/wait.ts';
import type { ServiceState } from '../types.ts';

export interface SettleOptions {
  readonly name: string;
  readonly signal: AbortSignal;
  /** Milliseconds until it counts as failed. */
  readonly timeoutMs: number;
  readonly state: () => Promise<ServiceState>;
  readonly lines: () => Promise<readonly string[]>;
}

const LIVED_MS = 300;

/** Waits until the same process has been seen for a moment. Throws `host/service-failed` with the last lines. */
export async function settle(options: SettleOptions): Promise<void> {
  let seen: { readonly pid: number | undefined; readonly at: number } | undefined;
  let last: ServiceState | undefined;
  const look = async (): Promise<true | undefined> => {
    last = await options.state();
    const now = performance.now();
    if (!last.running) seen = undefined;
    else if (seen === undefined || seen.pid !== last.pid) seen = { pid: last.pid, at: now };
    else if (now - seen.at >= LIVED_MS) return true;
    return undefined;
  };
  try {
    await poll(look, { signal: options.signal, timeoutMs: options.timeoutMs, everyMs: 50, what: options.name });
  } catch (error) {
    if (!hasCode(error, 'kit/timeout')) throw error;
    throw await serviceFailed(options, last?.text ?? 'unknown');
  }
}

export async function serviceFailed(options: Pick<SettleOptions, 'name' | 'lines'>, why: string, cause?: unknown): Promise<AntlerError> {
  const lines = await options.lines().catch(() => []);
  return new AntlerError('host/service-failed', `Cannot start ${options.name} as it does not stay up: ${why}`, { lines, cause });
}
