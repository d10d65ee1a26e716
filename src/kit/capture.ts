/** Runs a small program and takes its output, for commands that must start fast: to load exec.ts costs 80 ms of processor. */

import { execFile } from 'node:child_process';

import { AntlerError, errnoOf } from './errors.ts';

export interface CaptureOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Exit codes that are not failures (0 always is not). */
  readonly accept?: readonly number[];
}

export interface Captured {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const MAX_BYTES = 256 * 1024 * 1024;

/** Throws `kit/exec-missing`, `kit/exec-failed` (with the last 20 lines), `kit/aborted`. */
export async function capture(argv: readonly [string, ...string[]], { signal, cwd, accept = [] }: CaptureOptions): Promise<Captured> {
  const [file, ...args] = argv;
  const { promise, resolve, reject } = Promise.withResolvers<Captured>();
  execFile(
    file,
    args,
    { signal, maxBuffer: MAX_BYTES, encoding: 'utf8', ...(cwd === undefined ? {} : { cwd }) },
    (cause, stdout, stderr) => {
      if (cause === null) resolve({ stdout, stderr, exitCode: 0 });
      else if (typeof cause.code === 'number' && accept.includes(cause.code)) resolve({ stdout, stderr, exitCode: cause.code });
      else if (signal.aborted) reject(new AntlerError('kit/aborted', `Cannot finish \`${file}\` as it was interrupted`, { cause }));
      else if (errnoOf(cause) === 'ENOENT')
        reject(new AntlerError('kit/exec-missing', `Cannot run \`${file}\` as it is not installed`, { cause }));
      else {
        const how = typeof cause.code === 'number' ? `ended with ${cause.code}` : `was killed by ${cause.signal ?? 'something'}`;
        const lines = `${stdout}\n${stderr}`
          .split('\n')
          .filter((line) => line.trim() !== '')
          .slice(-20);
        reject(new AntlerError('kit/exec-failed', `Cannot finish \`${argv.join(' ').slice(0, 200)}\` as it ${how}`, { lines, cause }));
      }
    },
  );
  return promise;
}
