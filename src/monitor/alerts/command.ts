/** One run of an alert's command, within thirty seconds: as `nobody`, without a shell, the alert as JSON on standard input. */

import process from 'node:process';

import { AntlerError } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import type { Delivery } from './types.ts';

export interface CommandRun {
  readonly argv: readonly string[];
  readonly input: string;
  readonly limitMs: number;
  readonly signal: AbortSignal;
}

/** Debian's `nobody` and `nogroup`. */
const NOBODY = '65534';
/** coreutils' `timeout` ends all that the program started, not the program alone. */
const KILL_AFTER_S = 2;
/** A program that prints more is cut off: with SIGPIPE or as failed. */
const MAX_OUTPUT = 256 * 1024;

/** Never throws. What the program printed is its own affair: the last line is told, as an operator chose the program. */
export async function runCommand({ argv, input, limitMs, signal }: CommandRun): Promise<Delivery> {
  // Texts of others are in its arguments and on its input: it gets no more rights than it needs.
  const lower = process.getuid?.() === 0 ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--'] : [];
  const timeout = ['timeout', `--kill-after=${KILL_AFTER_S}`, String(limitMs / 1000)] as const;
  const limit = AbortSignal.timeout(limitMs + (KILL_AFTER_S + 1) * 1000);
  try {
    const { exitCode, stderr, stdout } = await exec([...timeout, ...lower, ...argv] as [string, ...string[]], {
      cwd: '/',
      cleanEnv: true,
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/nonexistent', LANG: 'C.UTF-8' },
      input,
      maxBytes: MAX_OUTPUT,
      accept: Array.from({ length: 255 }, (_, index) => index + 1),
      signal: AbortSignal.any([signal, limit]),
    });
    return judge(exitCode, { limitMs, last: lastLine(stderr) ?? lastLine(stdout), program: argv[0] ?? '' });
  } catch (error) {
    if (limit.aborted) return { ok: false, again: true, detail: `did not end in ${limitMs / 1000} s` };
    const code = error instanceof AntlerError ? error.code : 'failed';
    return { ok: false, again: true, detail: code === 'kit/exec-failed' ? 'printed more than it may' : `could not be started (${code})` };
  }
}

interface Ended {
  readonly limitMs: number;
  readonly last: string | undefined;
  readonly program: string;
}

/** 124 and 137 are of `timeout`, 126 and 127 of whoever did not find the program. */
function judge(exitCode: number, { limitMs, last, program }: Ended): Delivery {
  if (exitCode === 0) return { ok: true, detail: 'ended with 0' };
  if (exitCode === 124 || exitCode === 137) return { ok: false, again: true, detail: `did not end in ${limitMs / 1000} s` };
  if (exitCode === 126 || exitCode === 127)
    return { ok: false, again: false, detail: `cannot be started: ${program} is not there, or not for everybody to run` };
  return { ok: false, again: true, detail: `ended with ${exitCode}${last === undefined ? '' : `: ${last}`}` };
}

function lastLine(text: string): string | undefined {
  return text
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 200);
}
