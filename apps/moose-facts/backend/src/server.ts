/** The HTTP server: the routes, what every answer carries, and an end that finishes what it began. */

import { setTimeout as sleep } from 'node:timers/promises';

import fastify, { type FastifyInstance } from 'fastify';

import type { Identity } from './identity.ts';
import { openApiOf } from './openapi.ts';
import { routesOf } from './routes.ts';
import { createVotes } from './votes.ts';

/** How long a connection may stay silent while we stop: enough for a request that is on its way. */
const SILENCE_MS = 200;

export interface ServerOptions {
  readonly identity: Identity;
  /** In [0, 1); `Math.random` by default. */
  readonly random?: () => number;
}

export interface MooseServer {
  readonly http: FastifyInstance;
  /** `/readyz` says no from now on; what is in flight is answered, then the server is closed. */
  stop(): Promise<void>;
}

export function createServer(options: ServerOptions): MooseServer {
  let stopping = false;
  let inFlight = 0;
  const http = fastify({
    bodyLimit: 16 * 1024,
    // A request that reaches us on a kept connection while we stop is work like any other: answered, not refused.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Longer than any proxy in front of us keeps a connection, so that it is never we who close one that is about to be used.
    keepAliveTimeout: 120_000,
  });
  const routes = routesOf({
    identity: options.identity,
    votes: createVotes(),
    ready: () => !stopping,
    random: options.random ?? Math.random,
  });

  http.addHook('onRequest', (_request, reply, done) => {
    // What is true of this release may not be of the next: nobody keeps an answer.
    void reply.header('cache-control', 'no-store');
    inFlight += 1;
    done();
  });
  http.addHook('onSend', async (_request, reply) => {
    if (stopping) void reply.header('connection', 'close');
  });
  http.addHook('onResponse', (_request, _reply, done) => {
    inFlight -= 1;
    done();
  });
  http.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) process.stderr.write(`${error.stack ?? error.message}\n`);
    const message = status >= 500 ? 'Cannot answer as something in here is wrong' : `Cannot take the request as ${error.message}`;
    return reply.code(status).send({ error: { code: status >= 500 ? 'internal' : 'request/invalid', message } });
  });
  http.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: { code: 'path/unknown', message: `Cannot ${request.method} ${request.url} as there is no such path` } }),
  );

  for (const route of routes) {
    for (const url of [route.path, ...(route.aliases ?? [])]) {
      http.route({
        method: route.method,
        url,
        schema: {
          ...(route.params === undefined ? {} : { params: route.params }),
          ...(route.query === undefined ? {} : { querystring: route.query }),
          ...(route.body === undefined ? {} : { body: route.body }),
          response: route.responses,
        },
        handler: route.handle,
      });
    }
  }
  const document = openApiOf(routes, options.identity.release);
  http.get('/api/openapi.json', () => document);

  return {
    http,
    async stop() {
      stopping = true;
      const closed = http.close();
      // Node waits a minute for a connection that was opened and never used: we wait for requests only.
      for (let silent = 0; silent < SILENCE_MS; silent = inFlight === 0 ? silent + 50 : 0) await sleep(50);
      http.server.closeAllConnections();
      await closed;
    },
  };
}
