/** Requests to `podman system service` on the instance's own socket: started on demand, every failure an AntlerError. */

import { setTimeout as delay } from 'node:timers/promises';

import { Pool } from 'undici';

import { AntlerError, errnoOf } from '../../kit/errors.ts';

/** The oldest API that both Podman 4.3 and 5.x speak. */
const API = '/v4.0.0/libpod';

export interface ClientOptions {
  /** Path of the unix socket. */
  readonly socket: string;
  /** Starts the service (it ends itself when idle); called when nobody listens. */
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
  // The service ends 60 s after its last request: connections go long before, so none is cut under a request.
  const pool = new Pool('http://podman', {
    connect: { socketPath: options.socket },
    connections: 16,
    keepAliveTimeout: 4000,
    headersTimeout: 0,
    bodyTimeout: 0,
  });

  async function patiently<T>(attempt: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const until = performance.now() + (options.patienceMs ?? 20_000);
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await attempt();
      } catch (error) {
        if (!isAbsent(error)) throw error;
        if (performance.now() > until) {
          throw new AntlerError('engines/unreachable', `Cannot reach Podman as nobody listens on ${options.socket}`, { cause: error });
        }
        if (tries === 0) await options.wake(signal);
        else await delay(Math.min(20 * tries, 200), undefined, { signal });
      }
    }
  }

  async function request(wanted: PodmanRequest): Promise<PodmanAnswer> {
    const query = Object.entries(wanted.query ?? {}).map(([key, value]) => [key, String(value)]);
    const { statusCode, body } = await patiently(
      () =>
        pool.request({
          method: wanted.method,
          path: `${API}${wanted.path}${query.length === 0 ? '' : `?${new URLSearchParams(query)}`}`,
          headers: { 'content-type': 'application/json' },
          body: wanted.body === undefined ? null : JSON.stringify(wanted.body),
          signal: wanted.signal,
        }),
      wanted.signal,
    );
    const answer = parseBody(await body.text());
    if (statusCode >= 300 && !(wanted.accept ?? []).includes(statusCode)) throw refusal(wanted, statusCode, answer);
    return { status: statusCode, body: answer };
  }

  return {
    socket: options.socket,
    request,
    awake: async (signal) => void (await request({ method: 'GET', path: '/_ping', signal })),
    [Symbol.asyncDispose]: () => pool.destroy(),
  };
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
