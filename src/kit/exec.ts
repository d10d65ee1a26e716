/** Runs other programs: argv only, never a shell string; a failure is a rich value. */

import { execFile, spawn, type ChildProcess, type ExecFileException } from 'node:child_process';
import { constants } from 'node:os';
import process from 'node:process';
import { createInterface } from 'node:readline';

import { atExit } from './at-exit.ts';
import { AntlerError, errnoOf, type AntlerErrorOptions } from './errors.ts';
import { onAbort } from './wait.ts';

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
  /** Bytes kept of each stream; 64 MiB by default. More ends the program as failed. */
  readonly maxBytes?: number;
}

export interface ExecResult {
  readonly argv: readonly string[];
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

type Argv = readonly [string, ...string[]];

const MAX_BYTES = 64 * 1024 * 1024;
/** From SIGTERM to SIGKILL. */
const FORCE_AFTER_MS = 5000;

/**
 * Runs one program to its end. On abort: SIGTERM, five seconds later SIGKILL.
 * Throws `kit/exec-missing`, `kit/exec-failed` (with the last 20 lines), `kit/timeout`, `kit/aborted`.
 */
export async function exec(argv: Argv, options: ExecOptions): Promise<ExecResult> {
  const { stdout, stderr, exitCode } = await run(argv, options);
  return { argv, stdout: stdout.toString(), stderr: stderr.toString(), exitCode };
}

/** The same where what it prints is no text: its standard output. Throws as `exec` does. */
export async function execBytes(argv: Argv, options: ExecOptions): Promise<Buffer> {
  return (await run(argv, options)).stdout;
}

interface Done {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly exitCode: number;
  readonly cause: ExecFileException | null;
}

async function run(argv: Argv, options: ExecOptions): Promise<Done> {
  const { signal, timeoutMs, accept = [] } = options;
  signal.throwIfAborted();
  const { child, ended } = start(argv, options);
  let stopped: 'aborted' | 'late' | undefined;
  let forced: NodeJS.Timeout | undefined;
  const stop = (why: 'aborted' | 'late'): void => {
    stopped ??= why;
    child.kill('SIGTERM');
    forced ??= setTimeout(() => child.kill('SIGKILL'), FORCE_AFTER_MS);
  };
  using _abort = onAbort(signal, () => stop('aborted'));
  using _exit = atExit(() => child.kill('SIGTERM'));
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => stop('late'), timeoutMs);
  const done = await ended;
  clearTimeout(timer);
  clearTimeout(forced);
  if (stopped === 'aborted')
    throw new AntlerError('kit/aborted', `Cannot finish \`${show(argv)}\` as it was interrupted`, { cause: done.cause });
  const lines = (): readonly string[] => lastLines(done);
  if (stopped === 'late')
    throw new AntlerError('kit/timeout', `Cannot finish \`${show(argv)}\` as it took longer than ${timeoutMs} ms`, { lines: lines() });
  if (done.cause === null || (typeof done.cause.code === 'number' && accept.includes(done.cause.code))) return done;
  throw failureOf(argv, done.cause, { lines: lines(), cause: done.cause });
}

function start(argv: Argv, options: ExecOptions): { readonly child: ChildProcess; readonly ended: Promise<Done> } {
  const { promise, resolve } = Promise.withResolvers<Done>();
  const child = launch(argv, options, (cause, stdout, stderr) => {
    const exitCode = cause === null ? 0 : typeof cause.code === 'number' ? cause.code : 128;
    resolve({ stdout, stderr, exitCode, cause });
  });
  // Who does not read what we say has its reasons; its exit code tells.
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.input ?? '');
  const { onLine } = options;
  if (onLine !== undefined)
    for (const input of [child.stdout, child.stderr]) if (input !== null) createInterface({ input }).on('line', onLine);
  return { child, ended: promise };
}

type Callback = (cause: ExecFileException | null, stdout: Buffer, stderr: Buffer) => void;

/** Throws `kit/exec-failed` for what cannot be given to a program at all: a NUL in a word, too many of them. */
function launch([file, ...args]: Argv, options: ExecOptions, callback: Callback): ChildProcess {
  const { cwd, env, cleanEnv = false, maxBytes = MAX_BYTES } = options;
  const given = {
    encoding: 'buffer',
    maxBuffer: maxBytes,
    killSignal: 'SIGKILL', // of what prints more than it may
    ...(cwd === undefined ? {} : { cwd }),
    env: cleanEnv ? { ...env } : { ...process.env, ...env },
  } as const;
  try {
    return execFile(file, args, given, callback);
  } catch (cause) {
    throw new AntlerError('kit/exec-failed', `Cannot run \`${show([file, ...args])}\` as ${(cause as Error).message}`, { cause });
  }
}

function failureOf([file, ...args]: Argv, cause: ExecFileException, detail: AntlerErrorOptions): AntlerError {
  const code: unknown = cause.code;
  if (code === 'ENOENT') return new AntlerError('kit/exec-missing', `Cannot run \`${file}\` as it is not installed`, detail);
  const failed = (how: string): AntlerError =>
    new AntlerError('kit/exec-failed', `Cannot finish \`${show([file, ...args])}\` as it ${how}`, detail);
  if (typeof code === 'number') return failed(`ended with ${code}`);
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return failed('printed more than it may');
  return failed(cause.signal == null ? `could not be started: ${cause.message}` : `was killed by ${cause.signal}`);
}

function lastLines({ stdout, stderr }: Done): readonly string[] {
  const lines = `${stdout.toString()}\n${stderr.toString()}`.split('\n');
  return lines.filter((line) => line.trim() !== '').slice(-20);
}

/**
 * Runs one program whose words go where ours go (a terminal stays one); its exit code, 128 and more where a signal ended it.
 * Returns once all that it started has ended too: none of them speaks after us. On abort: SIGTERM. Throws `kit/exec-missing`.
 */
export async function execInherited(argv: Argv, { signal, env }: Pick<ExecOptions, 'signal' | 'env'>): Promise<number> {
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
  using _abort = onAbort(signal, () => child.kill('SIGTERM'));
  return await promise;
}

function show(argv: readonly string[]): string {
  const text = argv.join(' ');
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
