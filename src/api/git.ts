/** git's stream on the operators' socket: receive-pack and upload-pack run in the daemon, the other end is only a pipe. */

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { GIT_FRAMES, GIT_PATH, GIT_UPGRADE, type GitResult } from '../contract/git.ts';
import { toAntlerError } from '../kit/errors.ts';
import { readFrames, toFrames, writeFrames } from '../kit/frames.ts';
import type { Pushed, ReceiveOptions, Repository } from '../repos/types.ts';
import { peerOf } from './peer.ts';

export interface GitOptions {
  /** Throws where there is no such repository. */
  readonly repository: (app: string) => Repository;
  /** Once git has moved refs, also where the pusher is gone. */
  readonly onPushed: (pushed: Pushed, actor: string) => Promise<Omit<GitResult, 'error'>>;
}

export interface ServeGitOptions extends GitOptions {
  /** The daemon's life. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

/** Milliseconds for the last words once the daemon stops: a pusher that hears nothing would hold it. */
const GRACE_MS = 1000;

/** Answers upgrades of this server; others are refused. */
export function serveGit(server: Server, options: ServeGitOptions): void {
  const open = new Set<Duplex>();
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => undefined); // a pusher who leaves is no fault of ours
    const asked = askedOf(request);
    if (asked === undefined) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n', () => socket.destroy());
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: ${GIT_UPGRADE}\r\nconnection: Upgrade\r\n\r\n`);
    if (head.length > 0) socket.unshift(head);
    void answer(options, asked, socket).then(
      (result) => end(socket, result),
      (error: unknown) => {
        const { code, message, hint } = toAntlerError(error);
        if (!options.signal.aborted) options.log(`git ${asked.verb}: ${message} (${code})`);
        end(socket, { runs: [], messages: [], error: { code, message, hint } });
      },
    );
  });
  // The server does not know these connections any more, and waits for them when it closes.
  const stop = (): void => void setTimeout(() => open.forEach((socket) => socket.destroy()), GRACE_MS).unref();
  options.signal.addEventListener('abort', stop, { once: true });
  server.on('close', () => options.signal.removeEventListener('abort', stop));
}

function askedOf(request: IncomingMessage): Asked | undefined {
  const [, app = '', verb = ''] = GIT_PATH.exec(request.url ?? '') ?? [];
  if (verb === '' || request.headers.upgrade !== GIT_UPGRADE) return undefined;
  const protocol = request.headers['git-protocol'];
  try {
    return { app: decodeURIComponent(app), verb, protocol: typeof protocol === 'string' ? protocol : undefined };
  } catch {
    return undefined; // `%` and no hex digits behind it
  }
}

interface Asked {
  readonly app: string;
  readonly verb: string;
  readonly protocol: string | undefined;
}

async function answer(options: ServeGitOptions, { app, verb, protocol }: Asked, socket: Duplex): Promise<GitResult> {
  const repository = options.repository(app);
  const actor = await peerOf(socket as Socket, options.signal);
  const stream: ReceiveOptions = {
    input: inputOf(socket),
    output: async (chunk) => writeFrames(socket, { kind: GIT_FRAMES.output, bytes: chunk }),
    errors: async (chunk) => writeFrames(socket, { kind: GIT_FRAMES.errors, bytes: chunk }),
    protocol,
    actor,
    signal: options.signal,
  };
  let result: GitResult = { runs: [], messages: [] };
  if (verb === 'upload') {
    await repository.upload(stream);
    return result;
  }
  await repository.receive({
    ...stream,
    record: async (pushed, by) => {
      result = await options.onPushed(pushed, by);
    },
  });
  return result;
}

async function* inputOf(socket: Duplex): AsyncGenerator<Uint8Array> {
  // The connection outlives the input: the answer comes on it.
  for await (const { kind, bytes } of readFrames(socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>)) {
    if (kind !== GIT_FRAMES.input) continue;
    if (bytes.length === 0) return;
    yield bytes;
  }
}

/** Where the other side has left already, what it sent and nobody read must still be read, or the connection never closes. */
function end(socket: Duplex, result: GitResult): void {
  if (socket.destroyed) return;
  for (const frame of toFrames(GIT_FRAMES.result, Buffer.from(JSON.stringify(result)))) socket.write(frame);
  socket.end();
  socket.resume();
}
