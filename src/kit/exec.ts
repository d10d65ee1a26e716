/** Runs other programs: argv only, never a shell string; a failure is a rich value. */

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';

import { execa } from 'execa';

import { AntlerError, errnoOf, type AntlerErrorOptions } from './errors.ts';

export interface ExecOptions {
  readonly signal: AbortSignal;
  readonly cwd?: string;
  /** Added to our own environment; with `cleanEnv` it is the whole environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cleanEnv?: boolean;
  readonly input?: string | Uint8Array;
  /** Milliseconds; none by default. */
  readonly timeoutMs?: number;
  /** Exit codes that are not failures (0 always is not). */
  readonly accept?: readonly number[];
  /** Each line of standard output and standard error, as it comes. */
  readonly onLine?: (line: string) => void;
  /** Bytes kept of each stream; 16 MiB by default. More ends the program as failed. */
  readonly maxBytes?: number;
}

export interface ExecResult {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/**
 * Runs one program to its end. On abort: SIGTERM, five seconds later SIGKILL.
 * Throws `kit/exec-missing`, `kit/exec-failed` (with the last 20 lines), `kit/timeout`, `kit/aborted`.
 */
export async function exec(argv: readonly [string, ...string[]], options: ExecOptions): Promise<ExecResult> {
  options.signal.throwIfAborted();
  const [file, ...args] = argv;
  const tail: string[] = [];
  const child = execa(file, args, {
    reject: false,
    cancelSignal: options.signal,
    forceKillAfterDelay: 5000,
    stripFinalNewline: false,
    maxBuffer: options.maxBytes ?? 16 * 1024 * 1024,
    extendEnv: options.cleanEnv !== true,
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    ...(options.env === undefined ? {} : { env: options.env }),
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    all: true, // without it there is nothing to iterate
  });
  const { onLine } = options;
  const follow = async (): Promise<void> => {
    for await (const line of child.iterable({ from: 'all' })) onLine?.(line);
  };
  const followed = onLine === undefined ? undefined : follow().catch(() => undefined); // the result below tells the failure
  const done = await child;
  await followed;
  const stdout = done.stdout ?? '';
  const stderr = done.stderr ?? '';
  if (done.isCanceled) throw new AntlerError('kit/aborted', `Cannot finish \`${show(argv)}\` as it was interrupted`, { cause: done });
  for (const line of `${stdout}\n${stderr}`.split('\n')) if (line.trim() !== '') tail.push(line);
  const detail: AntlerErrorOptions = { lines: tail.slice(-20), cause: done instanceof Error ? done : undefined };
  if (done.timedOut)
    throw new AntlerError('kit/timeout', `Cannot finish \`${show(argv)}\` as it took longer than ${options.timeoutMs} ms`, detail);
  if (done.code === 'ENOENT') throw new AntlerError('kit/exec-missing', `Cannot run \`${file}\` as it is not installed`, detail);
  const exitCode = done.exitCode ?? 128;
  if (done.failed && !(options.accept ?? []).includes(exitCode)) {
    const how = done.signal === undefined ? `ended with ${exitCode}` : `was killed by ${done.signal}`;
    throw new AntlerError('kit/exec-failed', `Cannot finish \`${show(argv)}\` as it ${how}`, detail);
  }
  return { argv, stdout, stderr, exitCode };
}

/**
 * Runs one program whose words go where ours go (a terminal stays one); its exit code, 128 and more where a signal ended it.
 * Returns once all that it started has ended too: none of them speaks after us. On abort: SIGTERM. Throws `kit/exec-missing`.
 */
export async function execInherited(
  argv: readonly [string, ...string[]],
  { signal, env }: Pick<ExecOptions, 'signal' | 'env'>,
): Promise<number> {
  signal.throwIfAborted();
  const [file, ...args] = argv;
  // Every descendant holds the fourth stream.
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit', 'pipe'], env: { ...process.env, ...env } });
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.on('error', (cause) => {
    const missing = errnoOf(cause) === 'ENOENT';
    reject(
      new AntlerError(
        missing ? 'kit/exec-missing' : 'kit/exec-failed',
        `Cannot run \`${file}\` as ${missing ? 'it is not installed' : cause.message}`,
        { cause },
      ),
    );
  });
  child.on('close', (code, killer) => resolve(code ?? (killer === null ? 128 : 128 + constants.signals[killer])));
  child.stdio[3]?.on('error', () => undefined);
  const stop = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function show(argv: readonly string[]): string {
  const text = argv.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
