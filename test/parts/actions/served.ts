/** The runs of a place behind the real API, asked by the real program and pushed to by the real git. */

import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { openApi } from '../../../src/api/api.ts';
import { runHandlers } from '../../../src/api/run-handlers.ts';
import { apiSocketOf } from '../../../src/contract/routes.ts';
import { ensureRemote } from '../../../src/repos/repos.ts';
import { PERSON } from '../repos/fixture.ts';
import { place, type Place } from './place.ts';

const TREE = resolve(import.meta.dirname, '../../..');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Said>;
}

export interface Served extends AsyncDisposable {
  readonly it: Place;
  readonly logged: readonly string[];
  /** In the person's checkout, whose remote `antler` leads to the place; a process group of its own, as a terminal's is. */
  readonly git: (...words: readonly string[]) => Started;
  /** The real program on the place's API. */
  readonly antler: (...words: readonly string[]) => Promise<Said>;
}

export async function served(more: Parameters<typeof place>[0] = {}): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const logged: string[] = [];
  const it = stack.use(await place({ log: (line) => void logged.push(line), ...more }));
  const home = join(it.folder, 'home');
  for (const each of ['run', 'repos']) mkdirSync(join(home, each), { recursive: true });
  const path = join(home, 'repos', 'app.git');
  symlinkSync(it.repository.path, path);
  await ensureRemote({ directory: it.person.folder, path, program: join(TREE, 'antler'), signal: new AbortController().signal });
  stack.use(
    await openApi({
      socket: apiSocketOf(home),
      group: undefined,
      signal: new AbortController().signal,
      log: (line) => void logged.push(line),
      handlers: runHandlers(it.runs),
      git: { repository: () => it.repository, onPushed: async (pushed, actor) => it.runs.pushed(pushed, actor) },
    }),
  );
  const all = stack.move();
  return {
    it,
    logged,
    git: (...words) => start(['git', ...words], it.person.folder, PERSON),
    antler: async (...words) =>
      start([process.execPath, join(TREE, 'src/cli/main.ts'), ...words], '/', { PATH: process.env['PATH'], ANTLER_HOME: home }).ended,
    [Symbol.asyncDispose]: async () => all.disposeAsync(),
  };
}

function start([file, ...args]: readonly [string, ...string[]], cwd: string, env: NodeJS.ProcessEnv): Started {
  const child = spawn(file, args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const over = new Promise<number | null>((done) => void child.on('close', done));
  const said = Promise.all([over, text(child.stdout), text(child.stderr)]);
  return { pid: child.pid ?? 0, ended: said.then(([code, stdout, stderr]) => ({ code, stdout, stderr })) };
}
