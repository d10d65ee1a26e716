/** docs/reference/openapi.json: OpenAPI 3.1 out of the contract's schemas. */

import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { endpoints, type Endpoint } from '../../src/contract/endpoints.ts';
import { errorBody, errorEvent, execEvent, logEvent, outputEvent, planEvent, stepEvent, waitingEvent } from '../../src/contract/events.ts';
import { diff, receipt, release } from '../../src/contract/releases.ts';
import { status } from '../../src/contract/status.ts';

export type Schema = { readonly [key: string]: unknown };

/** Schemas with a name of their own: referred to, not repeated. */
const NAMED = new Map<unknown, string>(
  Object.entries({
    ErrorBody: errorBody,
    ErrorEvent: errorEvent,
    ExecEvent: execEvent,
    LogEvent: logEvent,
    OutputEvent: outputEvent,
    PlanEvent: planEvent,
    StepEvent: stepEvent,
    WaitingEvent: waitingEvent,
    Diff: diff,
    Receipt: receipt,
    Release: release,
    Status: status,
  }).map(([name, schema]) => [schema, name]),
);

export function openApi(): Schema {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  const paths: Record<string, Record<string, Schema>> = {};
  for (const [name, endpoint] of Object.entries(endpoints) as [string, Endpoint][]) {
    const path = endpoint.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operation(name, endpoint) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Antler',
      version,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        'HTTP over the unix socket `<home>/run/api.sock`. What streams is NDJSON: one object a line, ended by `result` or `error`.',
    },
    servers: [{ url: 'http://localhost', description: 'curl --unix-socket <home>/run/api.sock' }],
    paths,
    components: {
      schemas: {
        Error: schemaOf(z.object({ error: errorBody }), { io: 'output', refer: true }),
        ...Object.fromEntries([...NAMED].map(([schema, name]) => [name, schemaOf(schema as z.ZodType, { io: 'output', refer: 'inside' })])),
      },
    },
  };
}

function operation(name: string, endpoint: Endpoint): Schema {
  const { summary, params, query, body, response, stream } = endpoint;
  const answer =
    stream === undefined
      ? { 'application/json': { schema: schemaOf(response, { io: 'output', refer: true }) } }
      : {
          'application/x-ndjson': {
            schema: schemaOf(z.union([stream, z.object({ kind: z.literal('result'), result: response }), errorEvent]), {
              io: 'output',
              refer: true,
            }),
          },
        };
  return {
    operationId: name,
    summary,
    ...parameters(params, query),
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, { io: 'input' }) } } } }),
    responses: {
      200: { description: stream === undefined ? 'The answer' : 'Events, one a line', content: answer },
      default: { description: 'It failed', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
    },
  };
}

function parameters(params: z.ZodObject | undefined, query: z.ZodObject | undefined): Schema {
  const list = (object: z.ZodObject | undefined, where: 'path' | 'query'): Schema[] => {
    if (object === undefined) return [];
    const { properties = {}, required = [] } = schemaOf(object, { io: 'input' }) as {
      properties?: Record<string, Schema>;
      required?: string[];
    };
    return Object.entries(properties).map(([name, schema]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      schema,
    }));
  };
  const all = [...list(params, 'path'), ...list(query, 'query')];
  return all.length === 0 ? {} : { parameters: all };
}

export interface SchemaOptions {
  readonly io: 'input' | 'output';
  /** Named schemas become references: all, or only those inside the given one. */
  readonly refer?: boolean | 'inside';
}

export function schemaOf(schema: z.ZodType, { io, refer = false }: SchemaOptions): Schema {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    override: ({ zodSchema, jsonSchema }) => {
      // `format` says it; the pattern of a time is 600 letters long.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      const name = NAMED.get(zodSchema);
      if (name === undefined || refer === false || (refer === 'inside' && (zodSchema as unknown) === schema)) return;
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key];
      jsonSchema.$ref = `#/components/schemas/${name}`;
    },
  });
  return rest;
}
