/** A repository of the daemon’s with a raw socket in front, and a person’s checkout: real git on both sides. */

import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import process from 'node:process';
import type { TestContext } from 'node:test';

import { createRepository, type RepositoryOptions } from '../../../src/repos/repos.ts';
import type { Pushed, Repository } from '../../../src/repos/types.ts';

const PIPE = join(import.meta.dirname, 'pipe.ts');

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A person’s git: their environment is not the daemon’s. */
export const PERSON: NodeJS.ProcessEnv = {
  ...process.env,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: "Ada “The Moose” O'Neil",
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  NO_COLOR: '1',
};

export async function run(
  argv: readonly [string, ...string[]],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ended> {
  const [file, ...args] = argv;
  const { promise, resolve } = Promise.withResolvers<Ended>();
  execFile(file, args, { env: PERSON, maxBuffer: 64 * 1024 * 1024, ...options }, (error, stdout, stderr) =>
    resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : 128, stdout, stderr }),
  );
  return promise;
}

export interface Checkout {
  readonly folder: string;
  /** Runs git there; fails the test where it fails. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** The same, whatever its end. */
  readonly tryGit: (...args: readonly string[]) => Promise<Ended>;
  /** Writes files and commits them; the new commit. */
  commit(message: string, files?: Readonly<Record<string, string>>): Promise<string>;
}

/** A repository of a person, with a branch `main` and nothing in it. */
export async function personsCheckout(folder: string): Promise<Checkout> {
  mkdirSync(folder, { recursive: true });
  const tryGit = async (...args: readonly string[]): Promise<Ended> => run(['git', ...args], { cwd: folder });
  const git = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await tryGit(...args);
    if (code !== 0) throw new Error(`git ${args.join(' ')} ended with ${code}\n${stderr}`);
    return stdout.trim();
  };
  await git('init', '--quiet', '--initial-branch=main');
  return {
    folder,
    git,
    tryGit,
    async commit(message, files = {}) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
      await git('add', '--all');
      await git('commit', '--quiet', '--allow-empty', '--message', message);
      return git('rev-parse', 'HEAD');
    },
  };
}

export interface House {
  readonly root: string;
  readonly repository: Repository;
  readonly person: Checkout;
  /** Each push that came to its end, as the daemon saw it. */
  readonly pushed: Pushed[];
  readonly failures: unknown[];
  readonly signal: AbortSignal;
  /** `git push ARGS` to the daemon’s repository. */
  readonly push: (...args: readonly string[]) => Promise<Ended>;
  /** Words for git’s command line that name the way to the repository. */
  readonly way: readonly string[];
  /** What the daemon’s git said on standard error. */
  readonly said: () => string;
  /** Open connections of pushers. */
  readonly sockets: Set<Socket>;
}

export interface HouseOptions extends Partial<RepositoryOptions> {
  readonly root?: string;
  readonly record?: (pushed: Pushed) => Promise<void>;
  readonly actor?: string;
}

export async function createHouse(t: TestContext, options: HouseOptions = {}): Promise<House> {
  const root = options.root ?? mkdtempSync('/var/tmp/antler-repos-');
  const life = new AbortController();
  const repository = createRepository({ path: join(root, 'repos', 'moose facts.git'), ...options });
  await repository.ensure(life.signal);
  const pushed: Pushed[] = [];
  const failures: unknown[] = [];
  let said = '';
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    void repository
      .receive({
        input: socket,
        output: async (chunk) => write(socket, chunk),
        errors: async (chunk) => void (said += Buffer.from(chunk).toString()),
        protocol: undefined,
        actor: options.actor ?? 'ada',
        signal: life.signal,
        ...(options.record === undefined ? {} : { record: options.record }),
      })
      .then(
        (one) => pushed.push(one),
        (error: unknown) => failures.push(error),
      )
      .finally(() => socket.end());
  });
  const socket = join(root, 'git.sock');
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  const person = await personsCheckout(join(root, 'person'));
  t.after(async () => {
    life.abort();
    for (const each of sockets) each.destroy();
    server.close();
    if (options.root === undefined) rmSync(root, { recursive: true, force: true });
  });
  const way = ['push', `--receive-pack=${process.execPath} ${PIPE} ${socket}`, repository.path];
  const push = async (...args: readonly string[]): Promise<Ended> => {
    const before = pushed.length + failures.length;
    const ended = await person.tryGit(...way, ...args);
    for (let waited = 0; pushed.length + failures.length === before && waited < 400; waited++) await new Promise((go) => setTimeout(go, 5));
    return ended;
  };
  return { root, repository, person, pushed, failures, signal: life.signal, push, way, sockets, said: () => said };
}

async function write(socket: Socket, chunk: Uint8Array): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  if (socket.destroyed) throw new Error('gone');
  socket.write(chunk, (error) => (error === null || error === undefined ? resolve() : reject(error)));
  return promise;
}
