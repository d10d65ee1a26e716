/** A daemon for the CLI's tests: speaks the contract over a real unix socket, refuses what the contract does not allow, answers from a table. */

import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

import { endpoints, type Endpoint, type EndpointName } from '../../../src/contract/endpoints.ts';
import { apiSocketOf } from '../../../src/contract/routes.ts';

export interface Asked {
  readonly name: EndpointName;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** Resolves when the caller has left. */
  readonly left: Promise<void>;
}

export interface Answer {
  readonly status?: number;
  readonly events?: readonly unknown[];
  readonly error?: unknown;
  readonly result?: unknown;
  /** Hold the stream open after the events until the caller leaves. */
  readonly hang?: boolean;
}

export interface StandIn {
  readonly home: string;
  readonly asked: Asked[];
  answer(name: EndpointName, answer: Answer): void;
}

export async function createStandIn(t: TestContext): Promise<StandIn> {
  const home = await mkdtemp('/var/tmp/antler-cli-');
  await mkdir(`${home}/run`);
  const answers = new Map<EndpointName, Answer>();
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    void serve(request, response).catch((error: unknown) => fail(response, 400, String(error)));
  });
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://unix');
    const found = match(request.method ?? '', url.pathname);
    if (found === undefined) return fail(response, 404, `no endpoint ${request.method} ${url.pathname}`);
    const [name, endpoint, params] = found;
    const said = await text(request);
    const left = new Promise<void>((resolve) => void response.on('close', resolve));
    asked.push({
      name,
      params: endpoint.params?.strict().parse(params),
      query: endpoint.query?.strict().parse(Object.fromEntries(url.searchParams)),
      body: endpoint.body?.strict().parse(JSON.parse(said)),
      left,
    });
    const answer = answers.get(name);
    if (answer === undefined) return fail(response, 500, `no answer for ${name}`);
    const result = answer.result === undefined ? undefined : endpoint.response.parse(answer.result);
    if (endpoint.stream === undefined || answer.status !== undefined) {
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.error === undefined ? result : { error: answer.error }));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    for (const event of answer.events ?? []) response.write(`${JSON.stringify(endpoint.stream.parse(event))}\n`);
    if (answer.hang === true) return;
    response.end(`${JSON.stringify(answer.error === undefined ? { kind: 'result', result } : { kind: 'error', error: answer.error })}\n`);
  };
  await new Promise<void>((resolve) => void server.listen(apiSocketOf(home), resolve));
  t.after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(home, { recursive: true });
  });
  return { home, asked, answer: (name, answer) => void answers.set(name, answer) };
}

function fail(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ error: { code: 'api/bad-request', message, hint: 'mend the CLI' } }));
}

function match(method: string, path: string): readonly [EndpointName, Endpoint, Record<string, string>] | undefined {
  for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][]) {
    const pattern = new RegExp(`^${endpoint.path.replaceAll(/:(\w+)/g, '(?<$1>[^/]+)')}$`);
    const found = method === endpoint.method ? pattern.exec(path) : null;
    if (found === null) continue;
    const groups = Object.entries(found.groups ?? {}).map(([key, value]) => [key, decodeURIComponent(value)] as const);
    return [name, endpoint, Object.fromEntries(groups)];
  }
  return undefined;
}
