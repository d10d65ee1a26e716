/** git's stream on the operators' socket: receive-pack and upload-pack run in the daemon, the other end is only a pipe. */

import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { GIT_FRAMES, GIT_PATH, GIT_UPGRADE, type GitResult } from '../contract/git.ts';
import { toAntlerError } from '../kit/errors.ts';
import { readFrames, toFrames } from '../kit/frames.ts';
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

/** Answers upgrades of this server; others are refused. */
export function serveGit(server: Server, options: ServeGitOptions): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => undefined); // a pusher who leaves is no fault of ours
    const [, app = '', verb = ''] = GIT_PATH.exec(request.url ?? '') ?? [];
    if (verb === '' || request.headers.upgrade !== GIT_UPGRADE) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nupgrade: ${GIT_UPGRADE}\r\nconnection: Upgrade\r\n\r\n`);
    if (head.length > 0) socket.unshift(head);
    const protocol = request.headers['git-protocol'];
    const asked = { app: decodeURIComponent(app), verb, protocol: typeof protocol === 'string' ? protocol : undefined };
    void answer(options, asked, socket).then(
      (result) => end(socket, result),
      (error: unknown) => {
        const { code, message, hint } = toAntlerError(error);
        if (!options.signal.aborted) options.log(`git ${verb}: ${message} (${code})`);
        end(socket, { runs: [], messages: [], error: { code, message, hint } });
      },
    );
  });
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
    output: async (chunk) => write(socket, GIT_FRAMES.output, chunk),
    errors: async (chunk) => write(socket, GIT_FRAMES.errors, chunk),
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

/** Waits while the other end is slow; one that is gone takes everything. */
async function write(socket: Duplex, kind: number, bytes: Uint8Array): Promise<void> {
  for (const frame of toFrames(kind, bytes)) {
    if (socket.destroyed || !socket.writable) return;
    if (socket.write(frame)) continue;
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once('drain', resolve);
    socket.once('close', resolve);
    await promise;
    socket.off('drain', resolve);
    socket.off('close', resolve);
  }
}

function end(socket: Duplex, result: GitResult): void {
  if (socket.destroyed) return;
  for (const frame of toFrames(GIT_FRAMES.result, Buffer.from(JSON.stringify(result)))) socket.write(frame);
  socket.end();
}
