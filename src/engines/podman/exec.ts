/** A command in a running container: its streams over a connection of its own, then its exit code. */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { AntlerError } from '../../kit/errors.ts';
import { request as httpRequest } from '../../kit/http.ts';
import type { ExecEvent, ExecInOptions } from '../types.ts';
import type { PodmanClient } from './client.ts';
import { createFrameParser } from './frames.ts';
import * as wire from './wire.ts';

export async function* execIn(podman: PodmanClient, name: string, options: ExecInOptions): AsyncGenerator<ExecEvent, void, void> {
  const { signal, tty = false } = options;
  const id = await makeSession(podman, name, options);
  const socket = await attach(podman, id, options);
  const onAbort = (): void => void socket.destroy();
  signal.addEventListener('abort', onAbort, { once: true });
  let ended = false;
  try {
    const input = sendInput(socket, options.stdin);
    const frames = createFrameParser();
    for await (const piece of socket as AsyncIterable<Buffer>) {
      const parts = tty ? [{ stream: 'stdout' as const, bytes: piece }] : frames.push(piece);
      for (const part of parts) yield { kind: 'output', ...part };
    }
    signal.throwIfAborted();
    await input;
    const exitCode = await exitCodeOf(podman, id, signal);
    ended = true;
    yield { kind: 'exit', exitCode };
  } catch (error) {
    signal.throwIfAborted(); // a destroyed socket says "premature close": the abort is why
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
    socket.destroy();
    // The engine leaves the process running when its streams go.
    if (!ended) await killSession(podman, id);
  }
}

async function makeSession(podman: PodmanClient, name: string, options: ExecInOptions): Promise<string> {
  const { status, body } = await podman.request({
    method: 'POST',
    path: `/containers/${name}/exec`,
    body: {
      AttachStdin: options.stdin !== undefined,
      AttachStdout: true,
      AttachStderr: true,
      Tty: options.tty ?? false,
      Cmd: options.argv,
    },
    accept: [404, 409, 500],
    signal: options.signal,
  });
  if (status === 201) return wire.created.parse(body).Id;
  const said = wire.refusal.safeParse(body).data?.message ?? `status ${status}`;
  throw new AntlerError(
    status === 404 ? 'engines/not-found' : 'engines/exec-failed',
    `Cannot run a command in ${name} as Podman said: ${said}`,
  );
}

/** The connection after its upgrade: bytes both ways. */
async function attach(podman: PodmanClient, id: string, { tty = false, argv, signal }: ExecInOptions): Promise<Duplex> {
  await podman.awake(signal);
  const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
  const request = httpRequest({
    socketPath: podman.socket,
    method: 'POST',
    path: `/v4.0.0/libpod/exec/${id}/start`,
    headers: { 'content-type': 'application/json', connection: 'Upgrade', upgrade: 'tcp' },
    signal,
  });
  request.on('error', reject);
  request.on('upgrade', (_, socket, head) => {
    if (head.length > 0) socket.unshift(head);
    resolve(socket);
  });
  request.on('response', (response) => {
    void readAll(response).then((text) =>
      reject(new AntlerError('engines/exec-failed', `Cannot run \`${argv[0] ?? ''}\` as Podman said: ${said(text)}`)),
    );
  });
  request.end(JSON.stringify({ Detach: false, Tty: tty }));
  return promise;
}

async function readAll(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response.setEncoding('utf8') as AsyncIterable<string>) text += piece;
  return text;
}

function said(text: string): string {
  try {
    return wire.refusal.parse(JSON.parse(text)).message;
  } catch {
    return text.trim();
  }
}

async function sendInput(socket: Duplex, stdin: AsyncIterable<Uint8Array> | undefined): Promise<void> {
  if (stdin === undefined) return;
  try {
    await pipeline(stdin, socket, { end: true });
  } catch {
    // the command ended before it had read everything: its exit code tells
  }
}

async function exitCodeOf(podman: PodmanClient, id: string, signal: AbortSignal): Promise<number> {
  // The session's end is recorded a moment after its streams close.
  for (let tries = 0; tries < 100; tries += 1) {
    const session = wire.execSession.parse((await podman.request({ method: 'GET', path: `/exec/${id}/json`, signal })).body);
    if (!session.Running) return session.ExitCode;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new AntlerError('engines/exec-failed', 'Cannot tell the exit code as the command closed its streams and runs on');
}

async function killSession(podman: PodmanClient, id: string): Promise<void> {
  try {
    const { body } = await podman.request({ method: 'GET', path: `/exec/${id}/json`, signal: AbortSignal.timeout(5000) });
    const { Running, Pid } = wire.execSession.parse(body);
    if (Running && Pid > 0) process.kill(Pid, 'SIGKILL');
  } catch {
    // gone already
  }
}
