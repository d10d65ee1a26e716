/** systemd, asked by its own command. */

import { exec, type ExecResult } from '../kit/exec.ts';

/** Seconds. Its own 25 are too few for a small machine that is busy: listing all units took 50 on an emulated Pi. See sd_bus_set_method_call_timeout(3). */
const BUS_TIMEOUT = '300';

export async function systemctl(args: readonly string[], signal: AbortSignal): Promise<ExecResult> {
  return exec(['systemctl', ...args], { signal, env: { SYSTEMD_BUS_TIMEOUT: BUS_TIMEOUT } });
}
