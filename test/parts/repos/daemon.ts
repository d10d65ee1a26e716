/** The real API with a real repository behind it, what a push starts is a stand-in; and the real program as git’s far side. */

import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';

import { openApi } from '../../../src/api/api.ts';
import type { GitResult } from '../../../src/contract/git.ts';
import { apiSocketOf } from '../../../src/contract/routes.ts';
import type { Run } from '../../../src/contract/runs.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { createRepository, ensureRemote } from '../../../src/repos/repos.ts';
import type { Pushed, Repository } from '../../../src/repos/types.ts';
import { PERSON, personsCheckout, type Checkout, type Ended } from './fixture.ts';

export const TREE = resolve(import.meta.dirname, '../../..');
const TIME = '2026-11-23T12:00:00.000Z';

export interface Daemon {
  readonly home: string;
  readonly root: string;
  readonly repository: Repository;
  readonly person: Checkout;
  /** Each push as the daemon was told of it, with who pushed. */
  readonly pushed: (readonly [Pushed, string])[];
  readonly logged: string[];
  /** Ids of runs that somebody follows now. */
  readonly following: Set<number>;
  /** Lets runs end: those that hang. */
  finish(): void;
  stop(): Promise<void>;
  /** Connections of the API that are open in this process. */
  connections(): Promise<number>;
  /** The real program, in the person’s checkout. */
  antler(...words: readonly string[]): Promise<Ended>;
  start(argv: readonly [string, ...string[]], env?: NodeJS.ProcessEnv): Started;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Until it has said this; all it said. */
  says(words: RegExp): Promise<string>;
}

export interface DaemonOptions {
  readonly onPushed?: (pushed: Pushed) => Promise<Omit<GitResult, 'error'>>;
  /** How a run ends: by its id. */
  readonly conclusions?: Readonly<Record<number, 'success' | 'failure'>>;
  /** Runs go on until `finish`. */
  readonly hang?: boolean;
}

export async function createDaemon(t: TestContext, options: DaemonOptions = {}): Promise<Daemon> {
  const root = mkdtempSync('/var/tmp/antler-git-');
  const home = join(root, 'home');
  mkdirSync(join(home, 'run'), { recursive: true });
  mkdirSync(join(home, 'program'));
  symlinkSync(TREE, join(home, 'program', 'current'));
  const life = new AbortController();
  const repository = createRepository({ path: join(home, 'repos', 'moose.git') });
  await repository.ensure(life.signal);
  const pushed: (readonly [Pushed, string])[] = [];
  const logged: string[] = [];
  const following = new Set<number>();
  const finished = Promise.withResolvers<void>();
  const api = await openApi({
    socket: apiSocketOf(home),
    group: undefined,
    signal: life.signal,
    log: (line) => void logged.push(line),
    handlers: {
      health: async () => ({ instance: 'i', version: '0', app: 'moose', pid: process.pid, home, startedAt: TIME }),
      followRun: async ({ params, emit, signal }) => {
        const { id } = params;
        following.add(id);
        signal.addEventListener('abort', () => following.delete(id));
        await emit({ kind: 'run', time: TIME, run: id, name: 'delivery', state: 'in_progress' });
        await emit({ kind: 'line', time: TIME, job: 'build', step: 1, type: 'output', text: `a line of run ${id}` });
        if (options.hang === true) await finished.promise;
        const conclusion = options.conclusions?.[id] ?? 'success';
        await emit({ kind: 'run', time: TIME, run: id, name: 'delivery', state: 'completed', conclusion });
        return runOf(id, conclusion);
      },
    },
    git: {
      repository: (app) => {
        if (app !== 'moose') throw new AntlerError('repos/absent', `Cannot find the repository ${app}: this instance holds moose`);
        return repository;
      },
      onPushed: async (one, actor) => {
        pushed.push([one, actor]);
        return (await options.onPushed?.(one)) ?? { runs: [], messages: [] };
      },
    },
  });
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    life.abort();
    finished.resolve();
    stopped ??= Promise.resolve(api[Symbol.asyncDispose]());
    await stopped;
  };
  const person = await personsCheckout(join(root, 'person'));
  await ensureRemote({ directory: person.folder, path: repository.path, program: join(TREE, 'antler'), signal: life.signal });
  const children: ChildProcess[] = [];
  t.after(async () => {
    for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
    await stop();
    // What a killed push left on the other side may still write.
    rmSync(root, { recursive: true, force: true, maxRetries: 40, retryDelay: 50 });
  });
  const start = (argv: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Started => {
    const [file, ...args] = argv;
    // A group of its own: a terminal’s Ctrl-C goes to all of it.
    const child = spawn(file, args, { cwd: person.folder, env: { ...PERSON, ...env }, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => void (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => void (stderr += chunk.toString()));
    const over = Promise.withResolvers<Ended>();
    child.on('close', (code, killer) => over.resolve({ code: code ?? (killer === 'SIGINT' ? 130 : 137), stdout, stderr }));
    return {
      child,
      ended: over.promise,
      says: async (words) => {
        await until(() => words.test(stdout + stderr), `${String(words)} in ${stdout}${stderr}`);
        return stdout + stderr;
      },
    };
  };
  return {
    home,
    root,
    repository,
    person,
    pushed,
    logged,
    following,
    finish: () => finished.resolve(),
    stop,
    connections: async () => openSockets(apiSocketOf(home)),
    antler: async (...words) => start([join(TREE, 'antler'), ...words, '--home', home]).ended,
    start,
  };
}

/** Looks every few milliseconds; fails after ten seconds. */
export async function until(look: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let waited = 0; !(await look()); waited++) {
    if (waited > 1000) throw new Error(`never: ${what}`);
    await new Promise((go) => setTimeout(go, 10));
  }
}

/** This process’s connections that were accepted on the socket: their inodes are in the kernel’s table, with its path. */
async function openSockets(path: string): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const mine = new Set(
    readdirSync('/proc/self/fd').flatMap((fd) => {
      try {
        return [/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? ''];
      } catch {
        return [];
      }
    }),
  );
  const lines = (await readFile('/proc/net/unix', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  // num refs protocol flags type state inode path; state 01 is the listening one
  return lines.filter((words) => words[7] === path && words[5] !== '01' && mine.has(words[6] ?? '')).length;
}

function runOf(id: number, conclusion: 'success' | 'failure'): Run {
  return {
    id,
    number: id,
    attempt: 1,
    workflow: 'delivery',
    path: '.github/workflows/delivery.yml',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'a'.repeat(40),
    title: 'one',
    actor: 'ada',
    state: 'completed',
    conclusion,
    reason: null,
    release: null,
    createdAt: TIME,
    startedAt: TIME,
    endedAt: TIME,
    jobs: [],
  };
}
