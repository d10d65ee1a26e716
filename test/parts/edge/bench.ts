/** A real HAProxy of the test's own, apps behind it and load in front of it; everything on loopback addresses, everything closed again. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, createServer, request, type Server as HttpServer } from 'node:http';
import { createServer as createTcp, type AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

import { createEdge, edgeCommand, edgePaths, type EdgeOptions } from '../../../src/edge/edge.ts';
import { createRuntime } from '../../../src/edge/runtime.ts';
import type { Edge, Route, Server } from '../../../src/edge/types.ts';
import { poll } from '../../../src/kit/wait.ts';

export interface Bench {
  readonly edge: Edge;
  readonly folder: string;
  /** Another daemon's edge on the same folder. */
  readonly open: (options?: Partial<EdgeOptions>) => Promise<Edge>;
  /** Starts HAProxy as the supervisor would, and waits until it answers. */
  readonly start: () => Promise<void>;
  /** Kills the worker with -9, as a crash; the master ends with it. */
  readonly crash: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const signal = AbortSignal.timeout(120_000);

/** A block of loopback addresses of this test alone. */
export function createAddresses(): (last: number) => string {
  const block = `127.${randomInt(16, 250)}.${randomInt(1, 250)}`;
  return (last) => `${block}.${last}`;
}

export async function freePort(): Promise<number> {
  const server = createTcp();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function createBench(t: TestContext, options: Partial<EdgeOptions> = {}): Promise<Bench> {
  const folder = await mkdtemp('/var/tmp/antler-edge-');
  const instance = `test-${randomBytes(4).toString('hex')}`;
  const paths = edgePaths(folder);
  const open = (more: Partial<EdgeOptions> = {}): Promise<Edge> => createEdge({ folder, instance, ipv6: true, ...options, ...more });
  const edge = await open();
  let child: ChildProcess | undefined;
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  t.after(async () => {
    await edge[Symbol.asyncDispose]();
    await stop();
    await rm(folder, { recursive: true, force: true });
    await rm(`/run/antler-${instance}`, { recursive: true, force: true });
  });
  return {
    edge,
    folder,
    open,
    async start() {
      const [file = '', ...args] = edgeCommand({ folder, notify: false });
      child = spawn(file, args, { stdio: ['ignore', 'ignore', process.env['EDGE_LOG'] === undefined ? 'ignore' : 'inherit'] });
      await poll(async () => ((await edge.alive(signal)) ? true : undefined), { signal, everyMs: 20, timeoutMs: 10_000, what: 'HAProxy' });
    },
    async crash() {
      const pid = await createRuntime(paths).pid(signal);
      const gone = child === undefined ? undefined : once(child, 'exit');
      process.kill(pid, 'SIGKILL');
      await gone;
    },
    stop,
  };
}

export function routeFor(over: Partial<Route> & Pick<Route, 'address' | 'port'>): Route {
  return {
    environment: 'dev',
    service: 'backend',
    subnet: '127.0.0.1/32',
    health: { path: '/healthz', intervalMs: 500, timeoutMs: 500 },
    drainMs: 3000,
    stopFirst: false,
    ...over,
  };
}

export interface App {
  readonly server: Server;
  /** Requests answered. */
  readonly answered: () => number;
  /** Paths that checks asked, each once. */
  readonly checked: ReadonlySet<string>;
  stop(): Promise<void>;
}

export interface AppOptions {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The only path that its check may ask; `/healthz`, the bench's route's, by default. */
  readonly healthPath?: string;
  /** Milliseconds until the health path answers well. */
  readonly readyAfterMs?: number;
}

/** An app that answers with its release, `/slow?ms=…` late, `/broken` with half an answer, `/fail` with 500. */
export async function startApp(t: TestContext, options: AppOptions): Promise<App> {
  const { name, address, port } = options;
  const release = name.split('.')[0] ?? name;
  const born = performance.now();
  const checked = new Set<string>();
  let answered = 0;
  const http: HttpServer = createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://app');
    incoming.resume();
    incoming.on('end', () => {
      if (incoming.headers['user-agent'] === 'antler-check') {
        checked.add(incoming.url ?? '');
        if (incoming.url !== (options.healthPath ?? '/healthz')) response.statusCode = 404;
        else response.statusCode = performance.now() - born >= (options.readyAfterMs ?? 0) ? 200 : 503;
        response.end();
        return;
      }
      answered++;
      if (url.pathname === '/broken') {
        response.writeHead(200, { 'content-length': '100' });
        response.write('half');
        setTimeout(() => response.socket?.destroy(), 20);
      } else if (url.pathname === '/fail') {
        response.statusCode = 500;
        response.end('failed');
      } else setTimeout(() => response.end(release), Number(url.searchParams.get('ms') ?? 0));
    });
  });
  http.listen(port, address);
  await once(http, 'listening');
  const stop = async (): Promise<void> => {
    http.closeAllConnections();
    if (!http.listening) return;
    http.close();
    await once(http, 'close');
  };
  t.after(stop);
  const server: Server = {
    environment: 'dev',
    service: 'backend',
    name,
    release,
    address,
    port,
    ...(options.healthPath === undefined ? {} : { healthPath: options.healthPath }),
  };
  return { server, answered: () => answered, checked, stop };
}

export interface Reply {
  readonly status: number;
  readonly release: string | undefined;
  readonly body: string;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
  readonly method?: 'GET' | 'POST';
  readonly from?: string;
}

export async function call(url: string, options: CallOptions = {}): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const outgoing = request(
    url,
    {
      method: options.method ?? 'GET',
      headers: options.headers ?? {},
      agent: options.agent ?? new Agent({ keepAlive: false }),
      ...(options.from === undefined ? {} : { localAddress: options.from }),
    },
    (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', reject);
      response.on('aborted', () => reject(new Error('aborted')));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, release: response.headers['x-release'] as string | undefined, body }),
      );
    },
  );
  outgoing.on('error', reject);
  outgoing.end(options.method === 'POST' ? 'some body' : undefined);
  return promise;
}

export interface Load {
  readonly sent: number;
  readonly failures: readonly string[];
  readonly releases: ReadonlyMap<string, number>;
}

/** Keep-alive clients that never retry, half of them with POST, until `work` has ended. */
export async function underLoad(url: string, clients: number, work: () => Promise<void>): Promise<Load> {
  const failures: string[] = [];
  const releases = new Map<string, number>();
  let sent = 0;
  const over = new AbortController();
  const client = async (index: number): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!over.signal.aborted) {
      sent++;
      try {
        const reply = await call(url, { agent, method: index % 2 === 0 ? 'GET' : 'POST' });
        if (reply.status !== 200) failures.push(`${reply.status} ${reply.body}`);
        releases.set(reply.release ?? 'unset', (releases.get(reply.release ?? 'unset') ?? 0) + 1);
      } catch (error) {
        failures.push(String(error));
      }
    }
    agent.destroy();
  };
  const all = Array.from({ length: clients }, (_, index) => client(index));
  try {
    await work();
  } finally {
    over.abort();
    await Promise.all(all);
  }
  return { sent, failures, releases };
}
