/** The runs of a place behind the real API, asked by the real program. */

import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

import { openApi } from '../../../src/api/api.ts';
import { runHandlers } from '../../../src/api/run-handlers.ts';
import { apiSocketOf } from '../../../src/contract/routes.ts';
import { place, type Place } from './place.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Served extends AsyncDisposable {
  readonly it: Place;
  readonly logged: readonly string[];
  /** The real program on the place's API. */
  readonly antler: (...words: readonly string[]) => Promise<Said>;
}

export async function served(more: Parameters<typeof place>[0] = {}): Promise<Served> {
  await using stack = new AsyncDisposableStack();
  const logged: string[] = [];
  const it = stack.use(await place({ log: (line) => void logged.push(line), ...more }));
  const home = join(it.folder, 'home');
  mkdirSync(join(home, 'run'), { recursive: true });
  stack.use(
    await openApi({
      socket: apiSocketOf(home),
      group: undefined,
      signal: new AbortController().signal,
      log: (line) => void logged.push(line),
      handlers: runHandlers(it.runs),
    }),
  );
  const all = stack.move();
  return {
    it,
    logged,
    antler: async (...words) => {
      const child = spawn(process.execPath, [MAIN, ...words], {
        cwd: '/',
        env: { PATH: process.env['PATH'] ?? '', ANTLER_HOME: home },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      const over = new Promise<number | null>((done) => void child.on('close', done));
      const [code, stdout, stderr] = await Promise.all([over, text(child.stdout), text(child.stderr)]);
      return { code, stdout, stderr };
    },
    [Symbol.asyncDispose]: async () => all.disposeAsync(),
  };
}
