/** Is the daemon there, and does it run the program that is current? */

import { readlink } from 'node:fs/promises';
import { text } from 'node:stream/consumers';

import type { ResponseOf } from '../contract/endpoints.ts';
import { apiSocketOf, routes } from '../contract/routes.ts';
import { request } from '../kit/http.ts';

export type Health = ResponseOf<'health'>;

/** Undefined where nobody answers in time: two seconds, for who will ask again. */
export async function askHealth(home: string, signal: AbortSignal, timeoutMs = 2000): Promise<Health | undefined> {
  const { promise, resolve } = Promise.withResolvers<Health | undefined>();
  const asked = request(
    { socketPath: apiSocketOf(home), path: routes.health.path, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) },
    (answer) => {
      text(answer).then(
        (body) => resolve(answer.statusCode === 200 ? parse(body) : undefined),
        () => resolve(undefined),
      );
    },
  );
  asked.on('error', () => resolve(undefined));
  asked.end();
  const health = await promise;
  signal.throwIfAborted();
  return health;
}

/** The kernel says which file a process runs, whatever link it was started by. */
export async function runsFrom(pid: number, folder: string): Promise<boolean> {
  const exe = await readlink(`/proc/${pid}/exe`).catch(() => '');
  return exe.startsWith(`${folder}/`);
}

function parse(body: string): Health | undefined {
  try {
    return JSON.parse(body) as Health;
  } catch {
    return undefined;
  }
}
