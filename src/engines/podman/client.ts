/** Requests to `podman system service` on the instance's own socket: started on demand, every failure an AntlerError. */

import type { IncomingMessage, RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { Agent, request as httpRequest } from '../../kit/http.ts';

/** The oldest API that both Podman 4.3 and 5.x speak. */
const API = '/v4.0.0/libpod';

export interface ClientOptions {
  /** Path of the unix socket. */
  readonly socket: string;
  /** Starts the service (it ends itself when idle); called when nobody listens, and not waited for. */
  readonly wake: (signal: AbortSignal) => Promise<void>;
  /** Milliseconds from the first wake until `engines/unreachable`; 20 s by default: a cold start on a Pi takes seconds. */
  readonly patienceMs?: number;
}

export interface PodmanRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
  readonly body?: unknown;
  /** Statuses from 300 on that the caller understands; anything else there throws. */
  readonly accept?: readonly number[];
  readonly signal: AbortSignal;
}

export interface PodmanAnswer {
  readonly status: number;
  /** Parsed JSON; of several documents (a pull's progress) the list of them; undefined where there is none. */
  readonly body: unknown;
}

export interface PodmanClient {
  request(request: PodmanRequest): Promise<PodmanAnswer>;
  /** Returns once somebody listens. For callers with a connection of their own. */
  awake(signal: AbortSignal): Promise<void>;
  readonly socket: string;
  [Symbol.asyncDispose](): Promise<void>;
}

export function createClient(options: ClientOptions): PodmanClient {
  // A connection for each request: on this machine it costs nothing, and none is kept that the service may cut when its idle minute is over.
  const agent = new Agent({ maxSockets: 16 });

  async function patiently<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const until = performance.now() + (options.patienceMs ?? 20_000);
    let failure: { readonly error: unknown } | undefined;
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (!isAbsent(error)) throw error;
        if (failure !== undefined) throw failure.error;
        if (performance.now() > until) {
          throw new AntlerError('engines/unreachable', `Cannot reach Podman as nobody listens on ${options.socket}`, { cause: error });
        }
        // The service listens long before its supervisor is sure that it stays.
        if (tries === 0) options.wake(signal).catch((error_: unknown) => (failure = { error: error_ }));
        await delay(Math.min(20 * (tries + 1), 200), undefined, { signal });
      }
    }
  }

  async function request(wanted: PodmanRequest): Promise<PodmanAnswer> {
    try {
      const response = await patiently(async () => send(wanted, { agent, socketPath: options.socket }), wanted.signal);
      const status = response.statusCode ?? 0;
      const body = parseBody(await text(response));
      if (status >= 300 && !(wanted.accept ?? []).includes(status)) throw refusal(wanted, status, body);
      return { status, body };
    } catch (error) {
      wanted.signal.throwIfAborted(); // a cut connection has many names: the abort is why
      throw error;
    }
  }

  return {
    socket: options.socket,
    request,
    awake: async (signal) => void (await request({ method: 'GET', path: '/_ping', signal })),
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
}

/** Until its headers are there. */
async function send(wanted: PodmanRequest, line: Pick<RequestOptions, 'agent' | 'socketPath'>): Promise<IncomingMessage> {
  const { method, path, query = {}, body, signal } = wanted;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const words = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  const target = `${API}${path}${words.size === 0 ? '' : `?${words}`}`;
  httpRequest({ ...line, host: 'podman', method, path: target, headers: { 'content-type': 'application/json' }, signal })
    .on('response', resolve)
    .on('error', reject)
    .end(body === undefined ? undefined : JSON.stringify(body));
  return promise;
}

/** Nobody listens (yet, or any more): the request was never taken. */
function isAbsent(error: unknown): boolean {
  const errno = errnoOf(error);
  return errno === 'ENOENT' || errno === 'ECONNREFUSED';
}

function parseBody(text: string): unknown {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  try {
    return JSON.parse(trimmed);
  } catch {
    return trimmed.split('\n').map((line) => parseLine(line));
  }
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}

function refusal(wanted: PodmanRequest, status: number, body: unknown): AntlerError {
  const said = messageOf(body) ?? `status ${status}`;
  const code = status === 404 ? 'engines/not-found' : 'engines/refused';
  return new AntlerError(code, `Cannot do ${wanted.method} ${wanted.path} as Podman said: ${said}`);
}

function messageOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('message' in body)) return undefined;
  return String(body.message);
}
