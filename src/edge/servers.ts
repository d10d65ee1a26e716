/** The verbs on servers: each is a runtime command, then a look whether it is so, then the file. */

import { AntlerError, hasCode } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import { poll, sleep } from '../kit/wait.ts';
import { checkCommands, forgetCommand, healthPathOf } from './checks.ts';
import { backendName, HOLD, serverWords, type RecordedServer } from './file.ts';
import { waitUntilChecked } from './first-check.ts';
import { sameServer, type FileRecord } from './record.ts';
import type { ServerRow, StatRow } from './replies.ts';
import type { Runtime, WorkerStat } from './runtime.ts';
import type { Turns } from '../kit/turns.ts';
import type { Steady } from './steady.ts';
import type { DrainOptions, Edge, ReadyOptions, Route, Server, ServerId, ServerState } from './types.ts';

export interface Hands {
  readonly runtime: Runtime;
  readonly record: FileRecord;
  readonly turns: Turns;
  readonly steady: Steady;
  /** Added and not yet ready: HAProxy forgets them when it is restarted or reloaded, we do not. */
  readonly pending: Map<string, Server>;
  /** Reads a server's counters before they vanish. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
  /** Has the backend a server with weight? */
  readonly serving: (backend: string) => boolean;
  /** Called after the file's servers changed. */
  readonly changed: () => Promise<void>;
}

type Verbs = Pick<Edge, 'add' | 'ready' | 'weights' | 'drain' | 'remove' | 'servers'>;

const CUT_MS = 2000;
const REMOVE_MS = 5000;

export function createServerVerbs(hands: Hands): Verbs {
  const { runtime, record, steady, pending } = hands;

  return {
    add: (server, signal) =>
      steady(async () => {
        const { routes, servers } = await record.now();
        healthPathOf(server, routes); // throws before anything is remembered
        if (!servers.some((known) => sameServer(known, server))) pending.set(keyOf(server), server);
        await addToRuntime(hands, server, signal);
      }, signal),

    async ready(server, options) {
      await waitUntilReady(hands, server, options);
      await steady(async () => {
        const found = pending.get(keyOf(server));
        if (found === undefined) return; // in the file already
        await record.servers((servers) => [...servers, { ...found, weight: 0 }], options.signal);
        pending.delete(keyOf(server));
      }, options.signal);
    },

    weights: (route, weights, signal) =>
      steady(async () => {
        const { servers } = await record.now();
        const backend = backendName(route);
        const missing = weights.find(({ name }) => !servers.some((known) => sameServer(known, { ...route, name })));
        if (missing !== undefined)
          throw new AntlerError('edge/refused', `Cannot give ${missing.name} traffic as it is not ready in ${backend}`);
        // A 503 before the first release loses nothing: hear of those before there is one.
        if (!hands.serving(backend)) await hands.settle(signal);
        await waitUntilChecked(
          runtime,
          weights.filter(({ weight }) => weight > 0).map(({ name }) => ({ ...route, name })),
          signal,
        );
        // Raise before lowering: there is no moment without a server that takes requests.
        const steps = weights.toSorted((a, b) => b.weight - a.weight);
        await runtime.tell(
          steps.map(({ name, weight }) => `set server ${backend}/${name} weight ${weight}`),
          signal,
        );
        const rows = await runtime.state(signal);
        const wrong = weights.find(({ name, weight }) => rowOf(rows, backend, name)?.weight !== weight);
        if (wrong !== undefined) throw new AntlerError('edge/refused', `Cannot set the weight of ${wrong.name} as HAProxy kept another`);
        const wanted = new Map(weights.map(({ name, weight }) => [name, weight]));
        const change = (known: RecordedServer): RecordedServer =>
          backendName(known) === backend ? { ...known, weight: wanted.get(known.name) ?? known.weight } : known;
        await record.servers((all) => all.map((known) => change(known)), signal);
        await hands.changed();
      }, signal),

    async drain(server, options) {
      await steady(() => startDrain(hands, server, options.signal), options.signal);
      return waitUntilDrained(hands, server, options);
    },

    async remove(server, signal) {
      await hands.settle(signal);
      await steady(async () => {
        pending.delete(keyOf(server));
        await removeFromRuntime(hands, server, signal);
        await record.servers((servers) => servers.filter((known) => !sameServer(known, server)), signal);
        await hands.changed();
      }, signal);
    },

    servers: (signal) => readServers(hands, signal),
  };
}

export function keyOf(server: ServerId): string {
  return `${backendName(server)}/${server.name}`;
}

/** Adds with weight 0 and checks on; what is there already stays. */
export async function addToRuntime(hands: Hands, server: Server, signal: AbortSignal): Promise<void> {
  const { runtime, record } = hands;
  const key = keyOf(server);
  const route = await routeOf(record, server);
  const there = rowOf(await runtime.state(signal), backendName(server), server.name);
  if (there !== undefined && (there.address !== server.address || there.port !== server.port)) {
    throw new AntlerError('edge/refused', `Cannot add ${key} as the name is used for ${there.address}:${there.port}`);
  }
  await teachHealthPath(hands, server, signal);
  if (there === undefined) {
    await runtime.tell([`add server ${key} ${serverWords(server, route, server.name === HOLD ? 1 : 0)}`], signal, /^New server registered/);
  }
  await runtime.tell([...(server.name === HOLD ? [] : [`enable health ${key}`]), `set server ${key} state ready`], signal);
  const back = rowOf(await runtime.state(signal), backendName(server), server.name);
  if (back === undefined || back.maintenance || back.drain)
    throw new AntlerError('edge/refused', `Cannot add ${key} as HAProxy did not enable it`);
}

/** Before HAProxy has the server: no check ever asks another path. What is recorded counts more than what is said again. */
export async function teachHealthPath(hands: Hands, server: Server, signal: AbortSignal): Promise<void> {
  const { runtime } = hands;
  if (server.name === HOLD) return;
  const { set, add } = checkCommands(server.name, await knownHealthPath(hands, server));
  const reply = (await runtime.answer(set, signal)).trim();
  if (reply === '') return;
  if (!reply.startsWith('entry not found'))
    throw new AntlerError('edge/refused', `Cannot do \`${set}\` as HAProxy refuses: ${reply}`, { lines: [reply] });
  await runtime.tell([add], signal);
}

async function knownHealthPath({ record, pending }: Hands, server: ServerId & Pick<Server, 'healthPath'>): Promise<string> {
  const { routes, servers } = await record.now();
  return healthPathOf(servers.find((each) => sameServer(each, server)) ?? pending.get(keyOf(server)) ?? server, routes);
}

/** Maintenance, then away; HAProxy refuses while a connection is left. Absent is fine. */
export async function removeFromRuntime({ runtime }: Hands, server: ServerId, signal: AbortSignal): Promise<void> {
  const key = keyOf(server);
  const forget = (): Promise<void> => runtime.tell([forgetCommand(server.name)], signal, /^(?:Key not found|Unknown map)/);
  if (rowOf(await runtime.state(signal), backendName(server), server.name) === undefined) return forget();
  await runtime.tell([`set server ${key} state maint`], signal, /^No such server/);
  const until = performance.now() + REMOVE_MS;
  for (;;) {
    const reply = (await runtime.answer(`del server ${key}`, signal)).trim();
    if (/^(?:Server deleted|No such server)/.test(reply)) return forget();
    if (performance.now() > until)
      throw new AntlerError('edge/refused', `Cannot remove ${key} as HAProxy refuses: ${reply}`, { lines: [reply] });
    await sleep(50, signal);
  }
}

async function startDrain({ runtime, record, pending, changed }: Hands, server: ServerId, signal: AbortSignal): Promise<void> {
  const key = keyOf(server);
  await runtime.tell([`set server ${key} state drain`], signal, /^No such server/);
  const row = rowOf(await runtime.state(signal), backendName(server), server.name);
  if (row !== undefined && !row.drain && !row.maintenance)
    throw new AntlerError('edge/refused', `Cannot drain ${key} as HAProxy kept it in use`);
  pending.delete(key);
  await record.servers((servers) => servers.filter((known) => !sameServer(known, server)), signal);
  await changed();
}

/** Waits for open requests in every worker, then closes what is left. */
export async function waitUntilDrained({ runtime }: Hands, server: ServerId, options: DrainOptions): Promise<{ readonly cut: number }> {
  const { signal, limitMs } = options;
  const idle = async (): Promise<true | undefined> =>
    (await runtime.workers(signal)).every((worker) => isIdle(worker, server)) ? true : undefined;
  try {
    await poll(idle, { signal, everyMs: 50, timeoutMs: limitMs, what: 'open requests' });
    return { cut: 0 };
  } catch (error) {
    if (!hasCode(error, 'kit/timeout')) throw error;
  }
  const workers = await runtime.workers(signal);
  const cut = sessionsOf(workers, server);
  if (cut === 0) return { cut }; // only idle connections of clients to an old worker
  for (const worker of workers) {
    if (worker.old) await runtime.endSessions(worker.pid, { backend: backendName(server), name: server.name }, signal);
    else await runtime.answer(`shutdown sessions server ${keyOf(server)}`, signal);
  }
  const gone = async (): Promise<true | undefined> => (sessionsOf(await runtime.workers(signal), server) === 0 ? true : undefined);
  await poll(gone, { signal, everyMs: 20, timeoutMs: CUT_MS, what: `the closing of ${cut} connections to ${keyOf(server)}` });
  return { cut };
}

/** An old worker knows no drain: as long as a client is connected to it, a request may still go to any server that it has. */
function isIdle(worker: WorkerStat, server: ServerId): boolean {
  const backend = backendName(server);
  const knows = worker.rows.find((row) => row.proxy === backend && row.server === server.name);
  if (knows === undefined) return true;
  if (knows.sessions > 0) return false;
  if (!worker.old) return true;
  return worker.rows.every((row) => row.server !== 'FRONTEND' || !row.proxy.endsWith(`:${backend}`) || row.sessions === 0);
}

function sessionsOf(workers: readonly WorkerStat[], server: ServerId): number {
  const backend = backendName(server);
  const rows = workers.flatMap((worker) => worker.rows).filter((row) => row.proxy === backend && row.server === server.name);
  return rows.reduce((sum, row) => sum + row.sessions, 0);
}

async function waitUntilReady(hands: Hands, server: ServerId, options: ReadyOptions): Promise<void> {
  const { runtime, pending, turns } = hands;
  const backend = backendName(server);
  let last = 'no check yet';
  const look = async (): Promise<true | undefined> => {
    const row = (await runtime.stat(options.signal)).find((each) => each.proxy === backend && each.server === server.name);
    const waiting = pending.get(keyOf(server));
    if (row === undefined) {
      if (waiting === undefined) throw new AntlerError('edge/refused', `Cannot wait for ${keyOf(server)} as it was never added`);
      await turns(() => addToRuntime(hands, waiting, options.signal)); // HAProxy was restarted in between
      return undefined;
    }
    if (row.check !== '' && row.check !== 'INI') last = `${row.check} ${row.lastCheck}`.trim();
    return row.status.startsWith('UP') && row.check.startsWith('L7OK') ? true : undefined;
  };
  try {
    await poll(look, { signal: options.signal, everyMs: 50, timeoutMs: options.timeoutMs, what: 'the check' });
  } catch (error) {
    if (!hasCode(error, 'kit/timeout')) throw error;
    const path = await knownHealthPath(hands, server);
    throw new AntlerError(
      'edge/never-ready',
      `Cannot give ${keyOf(server)} traffic as ${path} did not answer well within ${formatDuration(options.timeoutMs)}: the last check said ${last}`,
      {
        at: `${server.environment}/${server.service}`,
        hint: `Type \`antler logs ${server.environment} ${server.service}\``,
        lines: [last],
        cause: error,
      },
    );
  }
}

async function readServers({ runtime, record }: Hands, signal: AbortSignal): Promise<readonly ServerState[]> {
  const { routes } = await record.now();
  const state = await runtime.state(signal);
  const workers = await runtime.workers(signal);
  const stats = workers.find((worker) => !worker.old)?.rows ?? [];
  return routes.flatMap((route) =>
    state
      .filter((row) => row.backend === backendName(route) && row.name !== HOLD)
      .map((row) => {
        const id = { environment: route.environment, service: route.service, name: row.name };
        const stat = stats.find((each) => each.proxy === row.backend && each.server === row.name);
        return {
          ...id,
          address: row.address,
          port: row.port,
          weight: row.weight,
          state: stateOf(row, stat),
          check: stat?.check ?? '',
          sessions: sessionsOf(workers, id),
        };
      }),
  );
}

function stateOf(row: ServerRow, stat: StatRow | undefined): ServerState['state'] {
  if (row.maintenance) return 'maintenance';
  if (row.drain) return 'drain';
  if (stat?.check === 'INI' || stat?.check === undefined || stat.check === '') return 'starting';
  if (!row.running) return 'down';
  return stat.check.startsWith('L7OK') ? 'up' : 'starting';
}

export function rowOf(rows: readonly ServerRow[], backend: string, name: string): ServerRow | undefined {
  return rows.find((row) => row.backend === backend && row.name === name);
}

export async function routeOf(record: FileRecord, of: Pick<Route, 'environment' | 'service'>): Promise<Route> {
  const { routes } = await record.now();
  const route = routes.find((each) => each.environment === of.environment && each.service === of.service);
  if (route === undefined)
    throw new AntlerError('edge/refused', `Cannot find a route for ${of.service} in ${of.environment} as none was written`);
  return route;
}
