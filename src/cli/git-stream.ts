/** The other end of git's pipe: hands what git says on our standard streams to the daemon, which runs the other side. */

import type { IncomingMessage } from 'node:http';
import { basename, dirname, resolve } from 'node:path';
import process from 'node:process';
import type { Duplex } from 'node:stream';

import { GIT_FRAMES, GIT_UPGRADE, type GitResult } from '../contract/git.ts';
import { apiSocketOf } from '../contract/routes.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { readFrames, writeFrames, writeTo } from '../kit/frames.ts';
import { explain } from './client.ts';

const { request } = process.getBuiltinModule('node:http');

export interface RepositoryPlace {
  readonly home: string;
  readonly app: string;
}

/** `<home>/repos/<app>.git` → home and app. Throws `repos/absent`. */
export function placeOfRepository(path: string): RepositoryPlace {
  const absolute = resolve(path);
  const repos = dirname(absolute);
  const app = /^(.+)\.git$/.exec(basename(absolute))?.[1];
  if (app === undefined || basename(repos) !== 'repos')
    throw new AntlerError('repos/absent', `Cannot find a repository of an instance at ${path}: it has the form HOME/repos/APP.git`);
  return { home: dirname(repos), app };
}

/** Until git's stream is done; standard output is closed then. Throws what the daemon says, `daemon/unreachable`. */
export async function pipeGit(verb: 'receive' | 'upload', { home, app }: RepositoryPlace, signal: AbortSignal): Promise<GitResult> {
  const socket = await connect(`/v1/repos/${encodeURIComponent(app)}/${verb}`, home, signal);
  const stop = (): void => void socket.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    void sendInput(socket);
    const result = await hear(socket);
    signal.throwIfAborted();
    if (result === undefined)
      throw new AntlerError('daemon/unreachable', 'Cannot hear git’s other side to its end as the connection broke', {
        hint: 'Push again',
      });
    if (result.error !== undefined) throw AntlerError.fromBody(result.error);
    return result;
  } finally {
    signal.removeEventListener('abort', stop);
    process.stdin.destroy();
    // git waits for the end of what we say before it waits for ours.
    await new Promise<void>((done) => void process.stdout.end(done));
  }
}

/** Undefined where the connection broke before the result: a daemon that was killed, or one that stops. */
async function hear(socket: Duplex): Promise<GitResult | undefined> {
  let result = '';
  try {
    for await (const { kind, bytes } of readFrames(socket as AsyncIterable<Uint8Array>)) {
      if (kind === GIT_FRAMES.output) await writeTo(process.stdout, bytes);
      else if (kind === GIT_FRAMES.errors) await writeTo(process.stderr, bytes);
      else if (kind === GIT_FRAMES.result) result += Buffer.from(bytes).toString('latin1');
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
  return result === '' ? undefined : (JSON.parse(Buffer.from(result, 'latin1').toString()) as GitResult);
}

async function connect(path: string, home: string, signal: AbortSignal): Promise<Duplex> {
  const { promise, resolve: found, reject } = Promise.withResolvers<Duplex>();
  const protocol = process.env['GIT_PROTOCOL'];
  const asked = request({
    socketPath: apiSocketOf(home),
    path,
    headers: { connection: 'Upgrade', upgrade: GIT_UPGRADE, ...(protocol === undefined ? {} : { 'git-protocol': protocol }) },
    signal,
  });
  asked.on('upgrade', (_answer: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    found(socket);
  });
  asked.on('response', (answer: IncomingMessage) => {
    answer.resume();
    reject(new AntlerError('daemon/unreachable', `Cannot hand git’s stream over as the daemon answers ${answer.statusCode ?? 0}`));
  });
  asked.on('error', (error) => reject(explain(error, { home, signal })));
  asked.end();
  return promise;
}

async function sendInput(socket: Duplex): Promise<void> {
  try {
    for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
      await writeFrames(socket, { kind: GIT_FRAMES.input, bytes: chunk });
    }
    await writeFrames(socket, { kind: GIT_FRAMES.input, bytes: new Uint8Array() });
  } catch {
    // git is gone, or the daemon: the other direction tells which
  }
}
