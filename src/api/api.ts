/** The door: the one API for people and tools, HTTP over a unix socket. Every path comes from the contract's table. */

import { chmod, chown, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { endpoints, type Endpoint, type EndpointName } from '../contract/endpoints.ts';
import { CLI_AGENT } from '../contract/routes.ts';
import { AntlerError, toAntlerError, type Problem } from '../kit/errors.ts';
import { PROMETHEUS_TYPE } from '../monitor/monitor.ts';
import { serveGit, type GitOptions } from './git.ts';
import { peerOf } from './peer.ts';
import { answerStream } from './stream.ts';
import { isForConsole } from './console/endpoints.ts';
import type { Guest } from './console/sign-in.ts';
import type { Call, Handlers } from './types.ts';

export type { GitOptions } from './git.ts';
export { createConsole, type Console } from './console/console.ts';
export { createSignIn } from './console/sign-in.ts';
export { createHandlers } from './handlers.ts';
export { createJobHandlers } from './job-handlers.ts';

export interface ApiOptions {
  /** Endpoints without a handler are refused (`api/denied`): a job's socket has few. */
  readonly handlers: Partial<Handlers>;
  /** Prometheus' text at `/metrics`; not on a job's socket. */
  readonly metrics?: () => Promise<string>;
  /** Takes pushes and gives fetches; not on a job's socket. */
  readonly git?: GitOptions;
  /** Who asks, where the socket itself says it; the socket's peer by default. */
  readonly actor?: string;
  /** Unix socket; one that a dead daemon left is taken over. */
  readonly socket: string;
  /** Numeric group that may speak, with root; undefined: root only. */
  readonly group: number | undefined;
  /** Numeric user whose socket it is; root by default. */
  readonly owner?: number | undefined;
  /** The daemon's life. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

const HTTP_STATUS: Readonly<Record<number, number>> = { 64: 400, 78: 422, 2: 409 };

export interface Api extends AsyncDisposable {
  /** Answers a signed-in browser, where the endpoint is for it. */
  serve(request: IncomingMessage, response: ServerResponse, guest: Guest): void;
}

/** Listens until disposed. */
export async function openApi(options: ApiOptions): Promise<Api> {
  const guests: Guests = new WeakMap();
  // Long answers stream for as long as a rollout takes; bodies are small.
  const app = fastify({
    bodyLimit: 16 * 1024 * 1024,
    forceCloseConnections: true,
    requestTimeout: 0,
    routerOptions: { maxParamLength: 1000 }, // a name that is too long is answered by who knows the rule
  });
  app.setErrorHandler(async (error, _request, reply) => sendError(reply, error, options));
  app.setNotFoundHandler(async (request, reply) => {
    await sendError(
      reply,
      new AntlerError('api/not-found', `Cannot ${request.method} ${request.url} as the API has no such path`),
      options,
    );
  });
  for (const name of Object.keys(endpoints) as EndpointName[]) register(app, name, { ...options, guests });
  const { metrics } = options;
  if (metrics !== undefined) app.get('/metrics', async (_request, reply) => reply.type(PROMETHEUS_TYPE).send(await metrics()));
  if (options.git !== undefined) serveGit(app.server, { ...options.git, signal: options.signal, log: options.log });
  await rm(options.socket, { force: true });
  await app.listen({ path: options.socket });
  await chmod(options.socket, 0o660);
  if (options.group !== undefined || options.owner !== undefined) await chown(options.socket, options.owner ?? 0, options.group ?? 0);
  return {
    serve(request, response, guest) {
      guests.set(request, guest);
      app.routing(request, response);
    },
    [Symbol.asyncDispose]: async () => app.close(),
  };
}

/** Requests that came by the console's door, and whose they are. */
type Guests = WeakMap<IncomingMessage, Guest>;

function register(app: FastifyInstance, name: EndpointName, options: ApiOptions & { readonly guests: Guests }): void {
  const endpoint: Endpoint = endpoints[name];
  const handler = options.handlers[name] as ((call: Call<EndpointName>) => Promise<unknown>) | undefined;
  app.route({
    method: endpoint.method,
    url: endpoint.path,
    handler: async (request, reply) => {
      const guest = options.guests.get(request.raw);
      if (guest !== undefined && !isForConsole(name)) deny(name, 'the console is');
      if (handler === undefined) return deny(name, 'this socket is');
      const gone = new AbortController();
      reply.raw.on('close', () => gone.abort());
      const signal = AbortSignal.any([options.signal, gone.signal]);
      const call = {
        params: check(endpoint.params, request.params, 'path'),
        query: check(endpoint.query, request.query, 'query'),
        body: check(endpoint.body, request.body ?? {}, 'body'),
        actor: actorFrom(guest?.actor ?? options.actor, request, signal),
        via: guest === undefined ? (request.headers['user-agent'] === CLI_AGENT ? 'cli' : 'api') : 'web',
        signal,
      } as const;
      if (endpoint.stream === undefined) return handler({ ...call, emit: async () => undefined } as Call<EndpointName>);
      reply.hijack();
      await answerStream(reply.raw, signal, async (stream) =>
        handler({ ...call, emit: async (event) => stream.write(event) } as Call<EndpointName>),
      );
      return reply;
    },
  });
}

function deny(name: EndpointName, what: string): never {
  throw new AntlerError('api/denied', `Cannot ${endpoints[name].summary.toLowerCase()} as ${what} not for that`, {
    hint: 'On the machine, the command line may; in a job, `antler build`, `deploy`, `promote`, `receipt`, `releases` and `status` work',
  });
}

function actorFrom(known: string | undefined, request: FastifyRequest, signal: AbortSignal): () => Promise<string> {
  return known === undefined ? actorOf(request, signal) : async () => known;
}

/** Asked once per request, and only by those who record it. */
function actorOf(request: FastifyRequest, signal: AbortSignal): () => Promise<string> {
  const socket: Socket = request.raw.socket;
  let found: Promise<string> | undefined;
  return async () => (found ??= peerOf(socket, signal));
}

/** All problems of one part at once. Throws `api/bad-request`. */
function check(schema: z.ZodObject | undefined, value: unknown, part: string): unknown {
  if (schema === undefined) return undefined;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const problems: Problem[] = parsed.error.issues.map((issue) => ({ at: [part, ...issue.path].join('.'), message: issue.message }));
  throw new AntlerError(
    'api/bad-request',
    `Cannot take this request as ${problems.map((each) => `${each.at}: ${each.message}`).join('; ')}`,
    { problems },
  );
}

async function sendError(reply: FastifyReply, error: unknown, options: ApiOptions): Promise<void> {
  const ours = isFastifyClientError(error)
    ? new AntlerError('api/bad-request', `Cannot read this request: ${error.message}`)
    : toAntlerError(error);
  if (ours.code === 'internal/bug') options.log(`api: ${ours.stack ?? ours.message}`);
  await reply.code(ours.code === 'api/denied' ? 403 : (HTTP_STATUS[ours.exit] ?? 500)).send({ error: ours.toBody() });
}

function isFastifyClientError(error: unknown): error is Error {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number' && error.statusCode < 500;
}
