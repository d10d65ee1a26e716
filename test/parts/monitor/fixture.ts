/** Services of the monitor's tests: real HTTP servers on loopback that do what a test tells them. */

import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

import type { Status } from '../../../src/contract/status.ts';
import type { Container } from '../../../src/engines/types.ts';
import { createMonitor, type Monitor, type MonitorOptions, type Wanted } from '../../../src/monitor/monitor.ts';
import type { Sample, Transition } from '../../../src/monitor/types.ts';

export interface Backend {
  readonly port: number;
  /** Connections that were taken. */
  readonly connections: () => number;
  answer(listener: RequestListener): void;
  /** Takes no connection any more, and cuts those that are there. */
  kill(): Promise<void>;
  /** On the same port. */
  revive(): Promise<void>;
}

export const well: RequestListener = (_request, response) => response.setHeader('x-release', 'r2').end('ok');

export async function backend(t: TestContext, listener: RequestListener = well): Promise<Backend> {
  let [answer, connections] = [listener, 0];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => answer(request, response));
  server.on('connection', () => (connections += 1));
  const listen = async (port: number): Promise<void> => new Promise((resolve) => void server.listen(port, '127.0.0.1', resolve));
  const kill = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };
  await listen(0);
  const { port } = server.address() as AddressInfo;
  t.after(kill);
  return { port, kill, revive: async () => listen(port), connections: () => connections, answer: (next) => (answer = next) };
}

export interface Scene {
  readonly monitor: Monitor;
  readonly samples: Sample[];
  readonly transitions: Transition[];
  /** So many looks at everything, one after the other. */
  readonly look: (times?: number) => Promise<void>;
  /** `prod/web`: its verdict and why. */
  readonly verdict: () => string;
}

const IMAGE = `127.0.0.1:1/shop/web@sha256:${'a'.repeat(64)}`;
export const NOTHING: Status = {
  app: 'shop',
  at: '',
  approvals: [],
  environments: [],
  monitors: [],
  parts: [],
  incidents: [],
  notices: [],
};

export function container(release = 'r2', more: Partial<Container> = {}): Container {
  return {
    id: 'c1',
    name: 'web-1',
    image: IMAGE,
    labels: { 'antler.release': release },
    address: undefined,
    state: { kind: 'running', pid: 1, since: 0 },
    ...more,
  };
}

interface More extends Partial<Wanted> {
  /** A rollout starts r3 there. */
  readonly coming?: Backend;
  /** r3 is what that rollout has made of it. */
  readonly release?: 'r2' | 'r3';
}

/** One service, `prod/web` on r2: through `edge`, and at its one replica. */
export function wanted(edge: Backend, replica: Backend = edge, { coming, release = 'r2', ...more }: More = {}): Wanted {
  const place = (port: number) => ({ address: '127.0.0.1', port, path: '/healthz', timeoutMs: 300 });
  const digest = `sha256:${'a'.repeat(64)}`;
  const r2 = ({ port }: Backend) => ({ ...place(port), name: 'r2.1.7', release: 'r2', digest, container: 'web-1' });
  const r3 = ({ port }: Backend) => ({ ...place(port), name: 'r3.1.9', release: 'r3', digest, container: 'web-2' });
  const replicas = [release === 'r2' ? r2(replica) : r3(replica)];
  const next = coming === undefined ? {} : { coming: [r3(coming)] };
  return {
    services: [{ environment: 'prod', service: 'web', release, edge: place(edge.port), replicas, ...next }],
    rollouts: [],
    monitors: [],
    ...more,
  };
}

export function scene(t: TestContext, what: Wanted | (() => Wanted), more: Partial<MonitorOptions> = {}): Scene {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const [samples, transitions]: [Sample[], Transition[]] = [[], []];
  const monitor = createMonitor({
    clock: { now: () => Date.now() },
    wanted: typeof what === 'function' ? what : () => what,
    containers: async () => [container(), container('r3', { name: 'web-2' })],
    keeper: () => ({ kind: 'running', detail: 'running' }),
    alive: { edge: async () => true, registry: async () => true },
    record: () => NOTHING,
    signal: stop.signal,
    onSample: (sample) => samples.push(sample),
    onTransition: (transition) => transitions.push(transition),
    ...more,
  });
  return {
    monitor,
    samples,
    transitions,
    async look(times = 1) {
      for (let time = 0; time < times; time += 1) await monitor.checkNow(stop.signal);
    },
    verdict() {
      const found = monitor.seen().services[0];
      return found === undefined ? 'nothing' : `${found.verdict}${found.reason === '' ? '' : `: ${found.reason}`}`;
    },
  };
}
