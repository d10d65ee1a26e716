/** Every path of the API as data: the server registers it, the CLI calls it, OpenAPI and the reference page are folds over it. */

import { z } from 'zod';

import { consoleEndpoints } from './console-endpoints.ts';
import { execEvent, logEvent, outputEvent, planEvent, stepEvent, waitingEvent } from './events.ts';
import { diff, receipt, release, releaseId } from './releases.ts';
import { routes } from './routes.ts';
import { run, runEvents, runId, runs } from './runs.ts';
import { setting, settingBody, settingParams, settingPlace, variable } from './settings.ts';
import { status } from './status.ts';
import { boardEvent } from './watch.ts';
import { watchEndpoints } from './watch-endpoints.ts';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Fastify's form: `/v1/releases/:id`. */
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The answer, or where `stream` is there the `result` that ends it. */
  readonly response: z.ZodType;
  /** Events before the end: the answer is NDJSON. */
  readonly stream?: z.ZodType;
}

const environment = z.object({ environment: z.string() });
const progress = z.discriminatedUnion('kind', [planEvent, stepEvent, outputEvent, waitingEvent]);
const base = z.object({
  name: z.string(),
  key: z.string().nullable(),
  packages: z.record(z.string(), z.string()),
  resolvedAt: z.iso.datetime().nullable(),
  bytes: z.number().nullable(),
  standsFor: z.array(z.string()),
});
const force = { force: z.boolean().default(false), reason: z.string().min(1).max(500).optional() };
const wait = z.boolean().default(true).describe('Follow to the end; false: answer as soon as it is recorded');

export const endpoints = {
  health: {
    ...routes.health,
    summary: 'Is the daemon there, and which',
    response: z.object({
      instance: z.string(),
      version: z.string(),
      app: z.string().nullable(),
      pid: z.number(),
      home: z.string(),
      startedAt: z.iso.datetime(),
    }),
  },
  status: {
    ...routes.status,
    summary: 'Environment × service: wanted, running, answering (probed now)',
    response: status,
  },
  watch: {
    ...routes.watch,
    summary: 'The same board at each change, until the caller leaves; a slow reader misses what lies between, never the newest',
    response: z.object({ events: z.number() }),
    stream: boardEvent,
  },
  configure: {
    ...routes.configure,
    summary: 'Take over the config of a folder: addresses, networks and routes of all its environments',
    body: z.object({ directory: z.string() }),
    response: z.object({
      app: z.string(),
      environments: z.array(z.object({ name: z.string(), url: z.string() })),
      changed: z.boolean(),
      taken: z.string().describe('Names this taking over, for a build of the same config right after it'),
    }),
    stream: progress,
  },
  build: {
    ...routes.build,
    summary: 'Make the next release from a folder; the same content gives the release that is there',
    body: z.object({
      directory: z.string(),
      taken: z.string().optional().describe('The config was taken over a moment ago: it is not evaluated again'),
    }),
    response: release,
    stream: progress,
  },
  releases: {
    ...routes.releases,
    summary: 'All releases, newest first',
    response: z.object({ releases: z.array(release) }),
  },
  release: { ...routes.release, summary: 'One release', params: z.object({ id: releaseId }), response: release },
  deploy: {
    ...routes.deploy,
    summary: 'Move an environment to a release; by default the newest, or with `from` what that environment has verified',
    params: environment,
    body: z.object({ release: releaseId.optional(), wait, ...force }),
    response: receipt,
    stream: progress,
  },
  promote: {
    ...routes.promote,
    summary: 'Move an environment to the release that its upstream has verified',
    params: environment,
    body: z.object({ wait, ...force }),
    response: receipt,
    stream: progress,
  },
  rollback: {
    ...routes.rollback,
    summary: 'Go back, code and config; the environment is then on hold',
    params: environment,
    body: z.object({ to: releaseId.optional(), wait }),
    response: receipt,
    stream: progress,
  },
  approve: {
    ...routes.approve,
    summary: 'Answer an approval that is waiting',
    params: z.object({ id: z.string() }),
    body: z.object({ approve: z.boolean().default(true), comment: z.string().max(500).optional() }),
    response: z.object({
      id: z.string(),
      environment: z.string(),
      release: releaseId.nullable(),
      run: z.number().nullable(),
      state: z.enum(['waiting', 'approved', 'rejected']),
    }),
  },
  hold: {
    ...routes.hold,
    summary: 'No promotion into this environment until it is lifted',
    params: environment,
    body: z.object({ reason: z.string().max(500).default('held by hand') }),
    response: z.object({ environment: z.string(), hold: z.boolean() }),
  },
  unhold: {
    ...routes.unhold,
    summary: 'Lift the hold',
    params: environment,
    response: z.object({ environment: z.string(), hold: z.boolean() }),
  },
  diff: {
    ...routes.diff,
    summary: 'What differs between two environments',
    query: z.object({ a: z.string(), b: z.string() }),
    response: diff,
  },
  receipt: {
    ...routes.receipt,
    summary: 'What the last rollout of a release to an environment proved',
    params: z.object({ id: releaseId }),
    query: z.object({ environment: z.string() }),
    response: receipt,
  },
  logs: {
    ...routes.logs,
    summary: 'Log lines of an environment’s containers',
    params: environment,
    query: z.object({
      service: z.string().optional(),
      follow: z.stringbool().default(false),
      tail: z.coerce.number().int().min(0).max(100_000).optional(),
    }),
    response: z.object({ lines: z.number() }),
    stream: logEvent,
  },
  exec: {
    ...routes.exec,
    summary: 'Run a command in a running container',
    params: z.object({ environment: z.string(), service: z.string() }),
    body: z.object({
      argv: z.array(z.string()).min(1).max(1000),
      stdin: z
        .string()
        .max(8 * 1024 * 1024)
        .optional()
        .describe('base64'),
    }),
    response: z.object({ exitCode: z.number() }),
    stream: execEvent,
  },
  images: {
    ...routes.images,
    summary: 'Base images: what they are made of, and how old',
    response: z.object({ bases: z.array(base) }),
  },
  refreshImages: {
    ...routes.refreshImages,
    summary: 'Resolve package versions again; make what changed',
    body: z.object({ names: z.array(z.string()).optional() }),
    response: z.object({ bases: z.array(base) }),
    stream: progress,
  },
  runs: {
    ...routes.runs,
    summary: 'Workflow runs, newest first',
    query: z.object({ limit: z.coerce.number().int().min(1).max(1000).default(50) }),
    response: runs,
  },
  run: { ...routes.run, summary: 'One run with its jobs and steps', params: z.object({ id: runId }), response: run },
  followRun: {
    ...routes.followRun,
    summary: 'A run’s states and log lines from the beginning; with `follow` to its end',
    params: z.object({ id: runId }),
    query: z.object({ follow: z.stringbool().default(true), job: z.string().optional().describe('This job only') }),
    response: run,
    stream: runEvents,
  },
  dispatch: {
    ...routes.dispatch,
    summary: 'Start a workflow that has `workflow_dispatch`',
    body: z.object({
      workflow: z.string().describe('File name, path or name'),
      ref: z.string().optional().describe('Branch or tag; the default branch by default'),
      inputs: z.record(z.string(), z.string()).default({}),
    }),
    response: run,
  },
  cancelRun: { ...routes.cancelRun, summary: 'Cancel a run; jobs with always() still run', params: z.object({ id: runId }), response: run },
  rerun: {
    ...routes.rerun,
    summary: 'Run again, as the next attempt',
    params: z.object({ id: runId }),
    body: z.object({ failed: z.boolean().default(false).describe('Only jobs that failed, and those after them') }),
    response: run,
  },
  secrets: {
    ...routes.secrets,
    summary: 'Secrets that jobs read: names, never values',
    response: z.object({ secrets: z.array(setting) }),
  },
  setSecret: {
    ...routes.setSecret,
    summary: 'Set a secret; it is kept sealed, and its value never comes back',
    params: settingParams,
    body: settingBody,
    response: setting,
  },
  removeSecret: { ...routes.removeSecret, summary: 'Remove a secret', params: settingParams, query: settingPlace, response: setting },
  variables: {
    ...routes.variables,
    summary: 'Variables that jobs read',
    response: z.object({ variables: z.array(variable) }),
  },
  setVariable: { ...routes.setVariable, summary: 'Set a variable', params: settingParams, body: settingBody, response: variable },
  removeVariable: {
    ...routes.removeVariable,
    summary: 'Remove a variable',
    params: settingParams,
    query: settingPlace,
    response: variable,
  },
  ...watchEndpoints,
  ...consoleEndpoints,
} as const satisfies Record<string, Endpoint>;

export type EndpointName = keyof typeof endpoints;
type Table = typeof endpoints;
export type ResponseOf<N extends EndpointName> = z.infer<Table[N]['response']>;
type InputOf<N extends EndpointName, K extends string> =
  Table[N] extends Readonly<Record<K, infer S extends z.ZodType>> ? z.input<S> : undefined;
/** What a caller sends: query values as text, defaults left out. */
export type ParamsOf<N extends EndpointName> = InputOf<N, 'params'>;
export type QueryOf<N extends EndpointName> = InputOf<N, 'query'>;
export type BodyOf<N extends EndpointName> = InputOf<N, 'body'>;
/** Endpoints that stream, and the events before their end. */
export type StreamName = { [N in EndpointName]: Table[N] extends { readonly stream: z.ZodType } ? N : never }[EndpointName];
export type EventOf<N extends StreamName> = Table[N] extends { readonly stream: infer S extends z.ZodType } ? z.infer<S> : never;
