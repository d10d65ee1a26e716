/** Runs receive-pack or upload-pack with a client's stream, to git's own end: a client that leaves does not stop it. */

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { AntlerError, errnoOf } from '../kit/errors.ts';
import { gitArgv, gitEnv } from './git.ts';
import type { ReceiveOptions } from './types.ts';

export interface Service {
  readonly path: string;
  readonly name: 'receive-pack' | 'upload-pack';
  /** For the hooks. */
  readonly env: Readonly<Record<string, string>>;
}

export interface ServiceEnd {
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly diskFull: boolean;
}

const KILL_MS = 5000;

export async function serve(service: Service, stream: Omit<ReceiveOptions, 'record'>): Promise<ServiceEnd> {
  const { signal } = stream;
  signal.throwIfAborted();
  const [file, ...before] = gitArgv(service.path);
  const protocol = stream.protocol !== undefined && /^[\w=:.-]{1,100}$/.test(stream.protocol) ? { GIT_PROTOCOL: stream.protocol } : {};
  const child = spawn(file, [...before, service.name, service.path], {
    env: gitEnv({ ...protocol, ...service.env }),
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
  });
  const ended = endOf(child);
  const stop = (): void => {
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), KILL_MS).unref();
  };
  signal.addEventListener('abort', stop, { once: true });
  let tail = '';
  let diskFull = false;
  const look = (chunk: Uint8Array): void => void (diskFull ||= Buffer.from(chunk).includes('No space left on device'));
  // Git’s input ends where the client’s does, also in the middle; and where git does not want more, nobody reads on.
  pipeline(stream.input, child.stdin).catch(() => undefined);
  const said = async (chunk: Uint8Array): Promise<void> => {
    look(chunk);
    tail = (tail + Buffer.from(chunk).toString()).slice(-4000);
    await stream.errors(chunk);
  };
  const heard = async (chunk: Uint8Array): Promise<void> => {
    look(chunk);
    await stream.output(chunk);
  };
  try {
    await Promise.all([drain(child.stdout, heard), drain(child.stderr, said)]);
    const exitCode = await ended;
    return { exitCode, diskFull, lines: tail.split('\n').filter((line) => line.trim() !== '') };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

type Git = ChildProcessByStdio<Writable, Readable, Readable>;

async function endOf(child: Git): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', (error) => {
    const missing = errnoOf(error) === 'ENOENT';
    reject(
      new AntlerError(missing ? 'kit/exec-missing' : 'repos/receive-failed', `Cannot run \`git\`: ${error.message}`, { cause: error }),
    );
  });
  child.once('close', (code, killer) => resolve(code ?? (killer === null ? 1 : 143)));
  promise.catch(() => undefined); // told by whoever awaits it
  return promise;
}

/** To its end, also where nobody listens any more: git must not die of a full pipe. */
async function drain(from: Readable, to: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  let listening = true;
  for await (const chunk of from as AsyncIterable<Buffer>) {
    if (!listening) continue;
    try {
      await to(chunk);
    } catch {
      listening = false;
    }
  }
}
