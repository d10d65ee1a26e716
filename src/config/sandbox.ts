/** Starts the locked-down child that evaluates a config, and reads its one line. Says which locks this machine does not have. */

import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';

import { AntlerError } from '../kit/errors.ts';

/** `root` and `user` are locked by namespaces; `plain` has Node's permission model and a bare user alone. */
export type Level = 'root' | 'user' | 'plain';

export interface SandboxOptions {
  readonly signal: AbortSignal;
  /** Milliseconds that the config may take once its sandbox stands; 5000 by default. */
  readonly timeoutMs?: number;
  /** Milliseconds until it stands; 60,000 by default: half a second, or ten on a small board that is busy and reads Node from a card. */
  readonly startMs?: number;
  /** Strongest first; by default what this user can have. */
  readonly levels?: readonly Level[];
  /** Folder with the `evaluate.mjs` that runs inside; tests put a probe there. */
  readonly inside?: string;
}

/** The one line that comes back (see evaluate.mjs). */
export type Outcome =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'no-default' }
  /** The value holds something that JSON cannot carry. */
  | { readonly kind: 'not-plain'; readonly problems: readonly { readonly path: readonly (string | number)[]; readonly what: string }[] }
  | {
      readonly kind: 'threw';
      readonly name: string;
      readonly message: string;
      readonly code: string | undefined;
      /** `FileSystemRead /etc/shadow`: what Node's permission model refused. */
      readonly refused: string | undefined;
      readonly stack: string;
    };

/** How the child ended, before anyone judges it. */
export interface Evaluation {
  readonly outcome: Outcome | undefined;
  readonly end: 'ended' | 'timeout' | 'output' | 'signal';
  /** Signal name or exit code, for people. */
  readonly how: string;
  /** The config's folder as the config saw it, for the paths in its messages. */
  readonly folder: string;
  /** What the config printed; capped. */
  readonly printed: string;
  /** The locks that this machine does not have, for people. */
  readonly unlocked: readonly string[];
}

const HEAP_MB = 64;
/** On top of what Node itself reserves: buffers, WebAssembly, stacks. */
const BEYOND_HEAP_KB = 256 * 1024;
const CPU_SECONDS = '10';
const PRINTED_MAX = 64 * 1024;
const RESULT_MAX = 1024 * 1024;
/** Somewhere to stand the small world on: covered in the child's own mount namespace only, so what is there stays untouched. */
const ROOTS = ['/mnt', '/media', '/srv', '/opt', '/tmp', '/var'];
const UNLOCKED_PLAIN = ['the network', 'signals to processes of the same user', 'unix sockets', 'memory outside the JavaScript heap'];

/** Evaluates the config at an absolute path. Throws `config/sandbox` where no child could be started, `kit/aborted`. */
export async function evaluate(file: string, options: SandboxOptions): Promise<Evaluation> {
  const levels = options.levels ?? (process.getuid?.() === 0 ? ['root', 'plain'] : ['user', 'plain']);
  const lines: string[] = [];
  for (const level of levels) {
    options.signal.throwIfAborted();
    const bare = level === 'plain';
    const inside = options.inside ?? import.meta.dirname;
    const run = await runChild(bare ? bareArgv(file, inside) : await lockedArgv(file, inside, level), options);
    if (run.stood) return { ...run, folder: bare ? dirname(file) : '/config', unlocked: bare ? UNLOCKED_PLAIN : [] };
    lines.push(`${level}: ${run.printed.trim().split('\n').at(-1) ?? run.how} (${run.end})`);
    if (!mayTryWeaker(level, run)) break;
  }
  throw new AntlerError('config/sandbox', `Cannot evaluate ${file} as no sandbox for it could be started`, { lines });
}

/** A weaker lock only where the kernel refuses the stronger one: never because it took too long, nor because something in the folder got in the way. */
function mayTryWeaker(level: Level, run: Run): boolean {
  return run.end === 'ended' && (level === 'user' || run.printed.startsWith('unshare:'));
}

const FLAGS = [
  '--permission',
  `--max-old-space-size=${HEAP_MB}`,
  '--max-semi-space-size=2',
  '--disable-wasm-trap-handler', // reserves gigabytes of address space otherwise
  '--v8-pool-size=1',
  '--no-warnings',
  '--no-addons',
];

/** Namespaces of its own, a root of its own (sandbox.sh): only /usr, Node, the config's folder and our two files are in it. */
async function lockedArgv(file: string, inside: string, level: Exclude<Level, 'plain'>): Promise<readonly [string, ...string[]]> {
  const folder = dirname(file);
  const sources = [process.execPath, inside, folder];
  const root = ROOTS.find((path) => !sources.some((source) => `${source}/`.startsWith(`${path}/`))) ?? '/tmp';
  const view = (await everyoneMayRead(file)) ? 'bind' : 'copy';
  const limits = [view, level === 'root' ? 'nobody' : 'self', await dataLimit(), CPU_SECONDS];
  const program = [
    ...FLAGS,
    '--allow-fs-read=/config/',
    '--allow-fs-read=/antler/',
    '/antler/evaluate.mjs',
    `file:///config/${basename(file)}`,
  ];
  const namespaces = [...(level === 'user' ? ['-U', '-r'] : []), '-n', '-p', '-m', '-i', '-u', '-f', '--kill-child'];
  return ['unshare', ...namespaces, '/bin/sh', join(import.meta.dirname, 'sandbox.sh'), root, ...sources, ...limits, ...program];
}

/** Where there are no namespaces: Node's permission model, and nobody instead of root. */
function bareArgv(file: string, inside: string): readonly [string, ...string[]] {
  const reads = [dirname(file), inside].map((path) => `--allow-fs-read=${path}/`);
  const nobody = process.getuid?.() === 0 ? ['--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all'] : [];
  const limited = ['prlimit', '--core=0', `--cpu=${CPU_SECONDS}`, 'setpriv', '--no-new-privs', ...nobody] as const;
  return [...limited, process.execPath, ...FLAGS, ...reads, join(inside, 'evaluate.mjs'), pathToFileURL(file).href];
}

interface Run extends Omit<Evaluation, 'unlocked' | 'folder'> {
  /** The sandbox came up, so what went wrong after that is the config's doing. */
  readonly stood: boolean;
}

async function runChild(argv: readonly [string, ...string[]], options: SandboxOptions): Promise<Run> {
  const [program, ...args] = argv;
  // A process group of its own: a signal to "my group" from inside must not reach us, and one kill ends them all.
  const child = spawn(program, args, { env: ENV, detached: true, cwd: '/', stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
  const { promise, resolve, reject } = Promise.withResolvers<Run>();
  let printed = '';
  let result = '';
  let end: Run['end'] = 'ended';
  const stop = (why: Run['end']): void => {
    end = why;
    killGroup(child.pid);
  };
  const abort = (): void => killGroup(child.pid);
  let timer = setTimeout(() => stop('timeout'), options.startMs ?? 60_000);
  options.signal.addEventListener('abort', abort, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      printed = (printed + text).slice(0, PRINTED_MAX + 1);
      if (printed.length > PRINTED_MAX) stop('output');
    });
  }
  const pipe = child.stdio[3] as NodeJS.ReadableStream;
  pipe.setEncoding('utf8').on('data', (text: string) => {
    if (result === '') {
      clearTimeout(timer);
      timer = setTimeout(() => stop('timeout'), options.timeoutMs ?? 5000);
    }
    result += text;
    if (result.length > RESULT_MAX) stop('output');
    else if (result.indexOf('\n', 1) > 0) killGroup(child.pid); // all said: no need to wait for its own end
  });
  pipe.on('error', () => undefined);
  child.once('error', (error) => {
    printed += error.message;
    resolve({ stood: false, outcome: undefined, end, how: error.message, printed });
  });
  child.once('close', (code, signal) => {
    if (options.signal.aborted) return reject(new AntlerError('kit/aborted', 'Cannot finish the evaluation as it was interrupted'));
    const outcome = readOutcome(result);
    if (outcome === undefined && end === 'ended' && signal !== null) end = 'signal';
    resolve({ stood: result.startsWith('\n'), outcome, end, how: signal ?? `exit ${code}`, printed: printed.slice(0, PRINTED_MAX) });
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    options.signal.removeEventListener('abort', abort);
    killGroup(child.pid);
  }
}

const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', UV_THREADPOOL_SIZE: '1' };

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended already
  }
}

function readOutcome(result: string): Outcome | undefined {
  const line = result.slice(1).split('\n', 1)[0] ?? '';
  if (!result.includes('\n', 1)) return undefined;
  try {
    return JSON.parse(line) as Outcome;
  } catch {
    return undefined;
  }
}

/** Kilobytes for RLIMIT_DATA. Node reserves 120 to 580 MB by architecture and version (code range): read off ourselves, who are the same Node. */
async function dataLimit(): Promise<string> {
  const status = await readFile('/proc/self/status', 'utf8');
  const reserved = Number(/^VmData:\s+(\d+) kB/m.exec(status)?.[1] ?? 1024 * 1024);
  return String(reserved + BEYOND_HEAP_KB);
}

async function everyoneMayRead(file: string): Promise<boolean> {
  await access(file, constants.R_OK);
  const [itself, folder] = await Promise.all([stat(file), stat(dirname(file))]);
  return (itself.mode & 0o004) !== 0 && (folder.mode & 0o005) === 0o005;
}
