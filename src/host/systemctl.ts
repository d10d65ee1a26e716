/** systemd's own program, told to be patient: by default it gives up on a busy machine after 25 seconds, in the middle of an installation. */

import { exec, type ExecResult } from '../kit/exec.ts';

export async function systemctl(args: readonly string[], signal: AbortSignal): Promise<ExecResult> {
  return exec(['systemctl', ...args], { signal, env: { SYSTEMD_BUS_TIMEOUT: '300' } });
}
