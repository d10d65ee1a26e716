/** Every path as data: the server registers it, the OpenAPI document is a fold over it. */

import type { FastifyReply, FastifyRequest } from 'fastify';

import { FACTS, findFact, pickFact } from './facts.ts';
import type { Identity } from './identity.ts';
import type { Votes } from './votes.ts';

export interface Route {
  readonly method: 'GET' | 'POST';
  /** Fastify's form: `/api/facts/:id`. */
  readonly path: string;
  /** The paths of the first Moose Facts, which answer the same. */
  readonly aliases?: readonly string[];
  readonly summary: string;
  readonly params?: object;
  readonly query?: object;
  readonly body?: object;
  /** By status code. */
  readonly responses: Readonly<Record<number, object>>;
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

export interface RouteOptions {
  readonly identity: Identity;
  readonly votes: Votes;
  /** False from the first moment of stopping. */
  readonly ready: () => boolean;
  /** In [0, 1). */
  readonly random: () => number;
}

const text = { type: 'string' } as const;
const id = { type: 'string', maxLength: 40, pattern: '^[a-z-]+$' } as const;
const object = (properties: Readonly<Record<string, object>>, required = Object.keys(properties)): object => ({
  type: 'object',
  properties,
  required,
});

const fact = object({ id: text, text, source: object({ title: text, url: text }) });
const failure = object({ error: object({ code: text, message: text }) });
const state = object({ status: text });

export function routesOf({ identity, votes, ready, random }: RouteOptions): readonly Route[] {
  const unknownFact = (reply: FastifyReply, factId: string): unknown =>
    reply.code(404).send({ error: { code: 'fact/unknown', message: `Cannot find the fact as there is none called ${factId}` } });

  return [
    {
      method: 'GET',
      path: '/api/facts',
      aliases: ['/moose-facts'],
      summary: 'All facts',
      responses: { 200: object({ facts: { type: 'array', items: fact } }) },
      handle: () => ({ facts: FACTS }),
    },
    {
      method: 'GET',
      path: '/api/facts/random',
      aliases: ['/random-moose-fact'],
      summary: 'One fact, any but `not`',
      query: object({ not: id }, []),
      responses: { 200: fact },
      handle: (request) => pickFact(random(), (request.query as { not?: string }).not),
    },
    {
      method: 'GET',
      path: '/api/facts/:id',
      summary: 'One fact',
      params: object({ id }),
      responses: { 200: fact, 404: failure },
      handle: (request, reply) => {
        const wanted = (request.params as { id: string }).id;
        return findFact(wanted) ?? unknownFact(reply, wanted);
      },
    },
    {
      method: 'POST',
      path: '/api/votes',
      summary: 'Vote for a fact: counted in the memory of the one process that answers',
      body: object({ factId: id }),
      responses: { 201: object({ factId: text, votes: { type: 'integer' } }), 404: failure },
      handle: (request, reply) => {
        const { factId } = request.body as { factId: string };
        if (findFact(factId) === undefined) return unknownFact(reply, factId);
        return reply.code(201).send({ factId, votes: votes.add(factId) });
      },
    },
    {
      method: 'GET',
      path: '/api/votes',
      summary: 'The votes that this process counted',
      responses: { 200: object({ votes: { type: 'object', additionalProperties: { type: 'integer' } } }) },
      handle: () => ({ votes: votes.all() }),
    },
    {
      method: 'GET',
      path: '/api/version',
      aliases: ['/image-version'],
      summary: 'Which release answers, and where: read when the process starts',
      responses: { 200: object({ app: text, environment: text, service: text, release: text, commit: text }) },
      handle: () => identity,
    },
    {
      method: 'GET',
      path: '/healthz',
      summary: 'The process is alive',
      responses: { 200: state },
      handle: () => ({ status: 'alive' }),
    },
    {
      method: 'GET',
      path: '/readyz',
      summary: 'The process takes new work; 503 from the moment it is told to stop',
      responses: { 200: state, 503: state },
      handle: (_request, reply) => (ready() ? { status: 'ready' } : reply.code(503).send({ status: 'stopping' })),
    },
  ];
}
