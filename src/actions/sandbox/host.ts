/** A job's place on the machine itself: folders of its own, processes with an environment of their own, nothing left behind. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import process from 'node:process';

import { atExit } from '../../kit/at-exit.ts';
import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { killAll, killAllNow } from '../../kit/processes.ts';
import type { Sandbox, SandboxExec, SandboxExit } from '../types.ts';
import { drain } from './drain.ts';
import { descend, GIVE_UP_MS, LADDER_TIMES, type LadderTimes } from './ladder.ts';
import { findTree, processesBefore } from './tree.ts';

export interface HostSandboxOptions {
  /** Of this job alone; made here, removed on dispose. */
  readonly root: string;
  readonly name: string;
  /** The last part of the workspace's path, as tools show it: the repository's name. */
  readonly repository: string;
  /** Our own environment, of which little is handed on. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly times?: LadderTimes;
}

/** What of our own environment a step may know: where programs and the person's files are, and how the network is reached. */
const HANDED_ON =
  'PATH HOME USER LOGNAME SHELL LANG LC_ALL TZ TMPDIR ' +
  'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE GIT_SSL_CAINFO ' +
  'http_proxy https_proxy no_proxy all_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY ALL_PROXY';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64', arm: 'ARM', ia32: 'X86' };

export function createHostSandbox({ root, name, repository, env, times = LADDER_TIMES }: HostSandboxOptions): Sandbox {
  const paths = {
    workspace: join(root, 'work', repository),
    temp: join(root, 'temp'),
    toolCache: join(root, 'tools'),
    runner: join(root, 'runner'),
  };
  for (const path of Object.values(paths)) mkdirSync(path, { recursive: true });
  const tracking = `github_${randomUUID()}`;
  const before = processesBefore();
  const ours = (): readonly number[] => findTree({ mark: `RUNNER_TRACKING_ID=${tracking}`, before });
  const children = new Set<Promise<unknown>>();
  // also where a second Ctrl-C ends us at once
  const exit = atExit(() => {
    killAllNow(ours);
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });
  return {
    kind: 'host',
    name,
    arch: ARCHITECTURES[process.arch] ?? process.arch,
    paths,
    env: { ...handedOn(env), RUNNER_TRACKING_ID: tracking },
    toHost: (path) => path,
    handOver: async () => undefined,
    exec: async (request) => {
      const running = run({ ...request, env: { ...request.env, RUNNER_TRACKING_ID: tracking } }, times);
      children.add(running);
      try {
        return await running;
      } finally {
        children.delete(running);
      }
    },
    [Symbol.asyncDispose]: async () => {
      await killAll(ours, AbortSignal.timeout(GIVE_UP_MS));
      await Promise.allSettled(children);
      await remove(root, paths.workspace);
      exit[Symbol.dispose]();
    },
  };
}

/** A job without a checkout leaves a handful of files: those are gone at once, a large tree must not hold the others up. */
async function remove(root: string, workspace: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 } as const;
  if (existsSync(workspace) && readdirSync(workspace).length === 0) rmSync(root, options);
  else await rm(root, options);
}

function handedOn(env: HostSandboxOptions['env']): Record<string, string> {
  const found = HANDED_ON.split(' ').flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]] as const]));
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG = 'C.UTF-8', ...rest } = Object.fromEntries(found);
  // JavaScript actions need a Node: ours is there where there is no other.
  return { ...rest, LANG, PATH: `${PATH}:${dirname(process.execPath)}` };
}

async function run(request: SandboxExec, times: LadderTimes): Promise<SandboxExit> {
  const { argv, cwd, env, signal, onOutput } = request;
  if (signal.aborted) return { exitCode: 130, reason: 'canceled' };
  const [program, ...args] = argv;
  // A session of its own: Ctrl-C at the terminal reaches us alone, and the ladder has one group to signal.
  const child = spawn(program, args, { cwd, env: { ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = exitOf(child, request);
  exited.catch(() => undefined); // it is awaited below
  let ladder: Promise<void> | undefined;
  const cancel = (): void => {
    if (child.pid !== undefined) ladder ??= descend({ pid: child.pid, times, ended: exited.catch(() => undefined) });
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    await Promise.all([
      exited,
      drain(child.stdout, exited, (chunk) => onOutput(chunk, 'stdout')),
      drain(child.stderr, exited, (chunk) => onOutput(chunk, 'stderr')),
    ]);
    const exitCode = await exited;
    await ladder;
    return { exitCode, reason: ladder === undefined ? 'done' : 'canceled' };
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

async function exitOf(child: ChildProcess, { argv: [program], cwd }: SandboxExec): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (cause) => {
    const missing = errnoOf(cause) === 'ENOENT';
    const why = missing && !existsSync(cwd) ? `there is no folder ${cwd}` : missing ? 'it is not installed' : cause.message;
    reject(new AntlerError('kit/exec-missing', `Cannot run \`${program}\` as ${why}`, { cause }));
  });
  child.once('exit', (code, killed) => resolve(code ?? 128 + (signalNumber(killed) ?? 9)));
  return promise;
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function signalNumber(signal: NodeJS.Signals | null): number | undefined {
  return signal === null ? undefined : SIGNALS[signal];
}
