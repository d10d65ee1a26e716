/** The room's door: HAProxy in front of every request, its servers changed at run time, its traffic counted by version. */

import { join } from 'node:path';

import { edgePaths } from './command.ts';
import { backendName, HOLD, type EdgeFileOptions } from './file.ts';
import { createFollower } from './follower.ts';
import { createRecord, sameServer } from './record.ts';
import { changeRoutes, type RouteOptions } from './routes.ts';
import { createRuntime } from './runtime.ts';
import {
  addToRuntime,
  createServerVerbs,
  removeFromRuntime,
  routeOf,
  rowOf,
  teachHealthPath,
  waitUntilDrained,
  type Hands,
} from './servers.ts';
import { createSteady } from './steady.ts';
import { createTurns } from '../kit/turns.ts';
import type { Edge, Route, Server, Traffic } from './types.ts';

export { askEdge } from './alive.ts';
export { EDGE_OPEN_FILES, edgeCommand, edgePaths } from './command.ts';
export { edgeFile } from './file.ts';
export { firewallHint, firewallRules } from './firewall.ts';
export { addLatency, bucketLimit, percentile } from './latency.ts';
export { createMemoryEdge, type MemoryEdge } from './memory.ts';

export interface EdgeOptions {
  /** `<home>/edge`: the file and HAProxy's sockets. At most 80 characters: unix sockets lie in it. */
  readonly folder: string;
  /** Names the folder under /run where it is kept what was counted. */
  readonly instance: string;
  /** Whether the machine speaks IPv6. */
  readonly ipv6: boolean;
  /** The account of HAProxy's workers; unset: the one that starts it. */
  readonly user?: string;
  /** Of the log ring, which holds what is logged while no daemon reads: 2 MiB (some 40,000 requests) by default. */
  readonly ringBytes?: number;
  /** The supervisor's reload; unset: HAProxy's master is asked. */
  readonly reload?: (signal: AbortSignal) => Promise<void>;
  /** Who listens on a port, for people. */
  readonly portHolder?: (port: number) => Promise<string | undefined>;
  /** What came since the last call; about once a second while there is traffic. */
  readonly onTraffic?: (deltas: readonly Traffic[]) => void;
  /** What went wrong while traffic was counted in the background; it is tried again a second later. */
  readonly onProblem?: (error: unknown) => void;
}

/** A port that refuses: the requests of a stop-first service wait in front of it. */
const CLOSED = { address: '127.0.0.1', port: 1 };

/** Opens the edge of one instance. HAProxy itself is the supervisor's: it may run already, or start later. */
export async function createEdge(options: EdgeOptions): Promise<Edge> {
  const paths = edgePaths(options.folder);
  const fileOptions: EdgeFileOptions = {
    runtimeSocket: paths.runtimeSocket,
    ipv6: options.ipv6,
    ...(options.user === undefined ? {} : { user: options.user }),
    ...(options.ringBytes === undefined ? {} : { ringBytes: options.ringBytes }),
  };
  const runtime = createRuntime(paths);
  const record = createRecord(paths, fileOptions);
  const turns = createTurns();
  const serving = new Set<string>();
  const noteServing = async (): Promise<void> => {
    const { servers } = await record.now();
    serving.clear();
    for (const server of servers) if (server.weight > 0) serving.add(backendName(server));
  };
  await noteServing();
  const follower = createFollower({
    runtime,
    memoryFile: join('/run', `antler-${options.instance}`, 'edge.json'),
    serving: (backend) => serving.has(backend),
    onTraffic: options.onTraffic,
    onProblem: options.onProblem,
  });
  const hands: Hands = {
    runtime,
    record,
    turns,
    steady: createSteady({ runtime, turns, restore: async (signal) => putBack(hands, signal) }),
    pending: new Map(),
    settle: (signal) => follower.settle(signal),
    serving: (backend) => serving.has(backend),
    changed: noteServing,
  };
  const routeOptions: RouteOptions = {
    runtime,
    record,
    ipv6: options.ipv6,
    reload: options.reload,
    portHolder: options.portHolder,
    settle: (signal) => follower.settle(signal),
  };
  return {
    ...createServerVerbs(hands),
    ...createHoldVerbs(hands),
    routes: (routes, signal) =>
      turns(async () => {
        const changed = await changeRoutes(routeOptions, routes, signal);
        if (changed && (await runtime.alive(signal))) {
          await follower.refresh(signal);
          for (const server of (await record.now()).servers) await teachHealthPath(hands, server, signal); // of those that follow their route
          for (const server of hands.pending.values()) await addToRuntime(hands, server, signal); // a reload forgets what is not in the file
        }
        return changed;
      }),
    reconcile: (signal) => reconcile(hands, signal),
    async traffic(signal) {
      await follower.settle(signal);
      return follower.totals();
    },
    alive: (signal) => runtime.alive(signal),
    [Symbol.asyncDispose]: () => follower[Symbol.asyncDispose](),
  };
}

function holdServer({ environment, service }: Pick<Route, 'environment' | 'service'>): Server {
  return { environment, service, name: HOLD, release: 'none', ...CLOSED };
}

function createHoldVerbs(hands: Hands): Pick<Edge, 'hold' | 'unhold'> {
  const { runtime, record, steady } = hands;
  return {
    hold: (route, signal) =>
      steady(async () => {
        const hold = holdServer(route);
        await addToRuntime(hands, hold, signal);
        await record.servers((servers) => [...servers.filter((known) => !sameServer(known, hold)), { ...hold, weight: 1 }], signal);
        await hands.changed();
      }, signal),
    unhold: (route, signal) =>
      steady(async () => {
        const hold = holdServer(route);
        await runtime.tell([`set server ${backendName(route)}/${HOLD} state maint`], signal, /^No such server/);
        await record.servers((servers) => servers.filter((known) => !sameServer(known, hold)), signal);
        await hands.changed();
        // It stays there in maintenance: a request that waits for its next try still points at it. Within a second it goes to a real server.
      }, signal),
  };
}

/** HAProxy gets what it lacks of the file, and what is not in it yet as it is not ready. */
async function putBack(hands: Hands, signal: AbortSignal): Promise<void> {
  const { runtime, record, pending } = hands;
  const { servers } = await record.now();
  for (const server of servers) {
    await addToRuntime(hands, server, signal);
    const row = rowOf(await runtime.state(signal), backendName(server), server.name);
    if (row?.weight !== server.weight)
      await runtime.tell([`set server ${backendName(server)}/${server.name} weight ${server.weight}`], signal);
  }
  for (const server of pending.values()) await addToRuntime(hands, server, signal);
}

/** The file is what is wanted: what HAProxy lacks is added, what the file does not know is drained and taken away. */
async function reconcile(hands: Hands, signal: AbortSignal): Promise<void> {
  const { runtime, record, turns, pending } = hands;
  const strangers = await turns(async () => {
    const { routes, servers } = await record.now();
    await putBack(hands, signal);
    const rows = await runtime.state(signal);
    return routes
      .flatMap((route) =>
        rows
          .filter((row) => row.backend === backendName(route))
          .map((row) => ({ environment: route.environment, service: route.service, name: row.name })),
      )
      .filter((id) => !servers.some((known) => sameServer(known, id)) && !pending.has(`${backendName(id)}/${id.name}`));
  });
  for (const stranger of strangers) {
    if (stranger.name === HOLD) {
      await turns(() => runtime.tell([`set server ${backendName(stranger)}/${HOLD} state maint`], signal));
      continue;
    }
    const { drainMs } = await routeOf(record, stranger);
    await turns(() => runtime.tell([`set server ${backendName(stranger)}/${stranger.name} state drain`], signal, /^No such server/));
    await waitUntilDrained(hands, stranger, { limitMs: drainMs, signal });
    await hands.settle(signal);
    await turns(() => removeFromRuntime(hands, stranger, signal));
  }
}
