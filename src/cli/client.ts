/** Speaks to the daemon over the instance's unix socket; typed by the contract, which is not loaded at run time. */

import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import type { BodyOf, EndpointName, EventOf, ParamsOf, QueryOf, ResponseOf, StreamName } from '../contract/endpoints.ts';
import type { ErrorEvent } from '../contract/events.ts';
import { apiSocketOf, CLI_AGENT, routes } from '../contract/routes.ts';
import { AntlerError, errnoOf, type ErrorBody } from '../kit/errors.ts';
import { request } from '../kit/http.ts';

/** Absent parts are those that the endpoint does not have. */
export type RequestOf<N extends EndpointName> = Part<'params', ParamsOf<N>> & Part<'query', QueryOf<N>> & Part<'body', BodyOf<N>>;
type Part<K extends string, V> = V extends undefined ? unknown : Readonly<Record<K, V>>;

export interface Client {
  /** One request, one answer. Throws what the daemon says, `daemon/unreachable`, `api/denied`, `kit/aborted`. */
  call<N extends Exclude<EndpointName, StreamName>>(name: N, request: RequestOf<N>, signal: AbortSignal): Promise<ResponseOf<N>>;
  /** Hands on each event as it comes; the answer is the result that ends the stream. */
  stream<N extends StreamName>(name: N, request: RequestOf<N>, options: StreamOptions<N>): Promise<ResponseOf<N>>;
}

export interface StreamOptions<N extends StreamName> {
  readonly signal: AbortSignal;
  readonly onEvent: (event: EventOf<N>) => void;
}

export interface ClientOptions {
  readonly home: string;
}

export function createClient(options: ClientOptions): Client {
  return Object.freeze({
    call: async <N extends Exclude<EndpointName, StreamName>>(name: N, wanted: RequestOf<N>, signal: AbortSignal) => {
      const answer = await send(name, wanted, { ...options, signal });
      return parseJson(await readAll(answer, { ...options, signal })) as ResponseOf<N>;
    },
    stream: async <N extends StreamName>(name: N, wanted: RequestOf<N>, { signal, onEvent }: StreamOptions<N>) => {
      const answer = await send(name, wanted, { ...options, signal });
      for await (const line of linesOf(answer, { ...options, signal })) {
        const end = parseJson(line) as
          | ErrorEvent
          | { readonly kind: 'result'; readonly result: ResponseOf<N> }
          | { readonly kind: 'event' };
        if (end.kind === 'error') throw AntlerError.fromBody(end.error as ErrorBody);
        if (end.kind === 'result') return end.result;
        onEvent(end as unknown as EventOf<N>);
      }
      throw broken(options);
    },
  });
}

/** In a workflow's job: its run's own socket, the only one that is there. */
export function jobSocket(): string | undefined {
  const socket = process.env['ANTLER_SOCKET'];
  return socket === undefined || socket === '' ? undefined : socket;
}

interface SendOptions extends ClientOptions {
  readonly signal: AbortSignal;
}

interface Parts {
  readonly params?: Readonly<Record<string, unknown>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
}

/** Resolves with a good answer's head; throws the error that a bad one carries. */
async function send(name: EndpointName, wanted: unknown, options: SendOptions): Promise<IncomingMessage> {
  const { method, path } = routes[name];
  const { params = {}, query = {}, body } = wanted as Parts;
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  options.signal.throwIfAborted();
  const asked = request(
    {
      socketPath: jobSocket() ?? apiSocketOf(options.home),
      method,
      path: fill(path, params) + queryOf(query),
      headers: {
        accept: 'application/json, application/x-ndjson',
        'user-agent': CLI_AGENT,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      signal: options.signal,
    },
    resolve,
  );
  asked.on('error', (error) => reject(explain(error, options)));
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const answer = await promise;
  const code = answer.statusCode ?? 0;
  if (code >= 200 && code < 300) return answer;
  const said = await readAll(answer, options);
  let parsed: { readonly error?: ErrorBody } | undefined;
  try {
    parsed = JSON.parse(said) as { readonly error?: ErrorBody };
  } catch {
    parsed = undefined; // not ours: a proxy, another program on the socket
  }
  if (typeof parsed?.error?.code === 'string') throw AntlerError.fromBody(parsed.error);
  throw new AntlerError('daemon/unreachable', `Cannot read the daemon's answer as it is HTTP ${code} without an error of ours`);
}

/** Pure: `/v1/releases/:id` with its values, each as one path segment. */
export function fill(path: string, params: Readonly<Record<string, unknown>>): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  if (given.length === 0) return '';
  return `?${new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString()}`;
}

async function readAll(answer: IncomingMessage, options: SendOptions): Promise<string> {
  try {
    return await text(answer);
  } catch (error) {
    throw explain(error, options);
  }
}

async function* linesOf(answer: IncomingMessage, options: SendOptions): AsyncGenerator<string> {
  answer.setEncoding('utf8');
  let rest = '';
  try {
    for await (const chunk of answer as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      yield* lines.filter((line) => line.trim() !== ''); // an empty line only keeps the connection alive
    }
  } catch (error) {
    throw explain(error, options);
  }
  if (rest.trim() !== '') yield rest;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new AntlerError('daemon/unreachable', 'Cannot read the daemon’s answer as it is no JSON', { cause });
  }
}

/** What a connection's failure means to people. */
export function explain(error: unknown, options: SendOptions): AntlerError {
  if (error instanceof AntlerError) return error;
  const { signal, home } = options;
  if (signal.aborted) return new AntlerError('kit/aborted', 'Interrupted', { cause: error });
  const errno = errnoOf(error);
  if (errno === 'EACCES' || errno === 'EPERM') {
    return new AntlerError('api/denied', `Cannot speak to the daemon of ${home} as its socket is for root and the group \`antler\``, {
      hint: 'Type it with sudo, or join the group: `sudo usermod -aG antler "$USER"`, then sign in again',
      cause: error,
    });
  }
  if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'ECONNREFUSED') {
    const why = errno === 'ECONNREFUSED' ? 'nothing listens on its socket' : 'it has no socket there';
    return new AntlerError('daemon/unreachable', `Cannot reach the daemon of ${home} as ${why}`, { cause: error });
  }
  return broken(options, error);
}

function broken(options: ClientOptions, cause?: unknown): AntlerError {
  return new AntlerError('daemon/unreachable', `Cannot hear the daemon of ${options.home} to the end as the connection broke`, {
    hint: 'What was begun goes on when it is back: type `antler status`',
    cause,
  });
}
