/** An edge without HAProxy, for the tests of rooms above: the same promises, readiness and traffic as the test says. */

import { AntlerError } from '../kit/errors.ts';
import { formatDuration } from '../kit/units.ts';
import { poll } from '../kit/wait.ts';
import { hasCode } from '../kit/errors.ts';
import { bucketOf } from './latency.ts';
import type { Edge, Route, Server, ServerId, ServerState, Traffic } from './types.ts';

export interface MemoryEdge extends Edge {
  /** Does the server's check pass? All do until told otherwise; the answer is what the last check says. */
  setReady(server: ServerId, ready: boolean, check?: string): void;
  /** Open requests of a server: a drain waits for them. */
  setSessions(server: ServerId, sessions: number): void;
  /** Adds to what `traffic` says. */
  count(traffic: Partial<Traffic> & Pick<Traffic, 'environment' | 'service' | 'release'>, latencyMs?: number): void;
  setAlive(alive: boolean): void;
  /** HAProxy was killed and started again: what is not in the file is gone. */
  crash(): void;
  /** The servers that the file carries. */
  readonly file: ReadonlyMap<string, number>;
  /** Routes whose requests wait. */
  readonly held: ReadonlySet<string>;
}

interface Entry {
  readonly server: Server;
  weight: number;
  draining: boolean;
}

export function createMemoryEdge(): MemoryEdge {
  let known: readonly Route[] = [];
  let answers = true;
  const servers = new Map<string, Entry>();
  const file = new Map<string, number>();
  const held = new Set<string>();
  const checks = new Map<string, { readonly ready: boolean; readonly check: string }>();
  const sessions = new Map<string, number>();
  const totals = new Map<string, Traffic>();

  const check = (key: string): { readonly ready: boolean; readonly check: string } => checks.get(key) ?? { ready: true, check: 'L7OK/200' };
  const reach = (signal: AbortSignal): void => {
    signal.throwIfAborted();
    if (!answers) throw new AntlerError('edge/unreachable', 'Cannot ask HAProxy as it does not answer');
  };
  const routeOf = (of: Pick<Route, 'environment' | 'service'>): Route => {
    const found = known.find((route) => routeKey(route) === routeKey(of));
    if (found === undefined)
      throw new AntlerError('edge/refused', `Cannot find a route for ${of.service} in ${of.environment} as none was written`);
    return found;
  };

  return {
    file,
    held,
    setReady: (server, ready, said) => void checks.set(keyOf(server), { ready, check: said ?? (ready ? 'L7OK/200' : 'L4CON') }),
    setSessions: (server, open) => void sessions.set(keyOf(server), open),
    setAlive: (alive) => void (answers = alive),
    crash() {
      for (const [key, entry] of servers) {
        if (file.has(key)) entry.draining = false;
        else servers.delete(key);
      }
      sessions.clear();
    },
    count(traffic, latencyMs = 1) {
      const key = `${routeKey(traffic)} ${traffic.release}`;
      const before = totals.get(key) ?? { ...traffic, served: 0, errors: 0, lost: 0, aborted: 0, unseen: 0, latency: [] };
      const latency = Array.from(
        { length: Math.max(before.latency.length, bucketOf(latencyMs) + 1) },
        (_, index) => before.latency[index] ?? 0,
      );
      latency[bucketOf(latencyMs)] = (latency[bucketOf(latencyMs)] ?? 0) + (traffic.served ?? 0);
      totals.set(key, {
        ...before,
        served: before.served + (traffic.served ?? 0),
        errors: before.errors + (traffic.errors ?? 0),
        lost: before.lost + (traffic.lost ?? 0),
        aborted: before.aborted + (traffic.aborted ?? 0),
        unseen: before.unseen + (traffic.unseen ?? 0),
        latency,
      });
    },

    async routes(routes, signal) {
      signal.throwIfAborted();
      if (JSON.stringify(routes) === JSON.stringify(known)) return false;
      known = routes;
      for (const [key, { server }] of servers) {
        if (known.some((route) => routeKey(route) === routeKey(server))) continue;
        servers.delete(key);
        file.delete(key);
      }
      return true;
    },
    async add(server, signal) {
      reach(signal);
      routeOf(server);
      const there = servers.get(keyOf(server));
      if (there !== undefined && (there.server.address !== server.address || there.server.port !== server.port)) {
        throw new AntlerError(
          'edge/refused',
          `Cannot add ${keyOf(server)} as the name is used for ${there.server.address}:${there.server.port}`,
        );
      }
      if (there === undefined) servers.set(keyOf(server), { server, weight: 0, draining: false });
    },
    async ready(server, { timeoutMs, signal }) {
      const key = keyOf(server);
      if (!servers.has(key)) throw new AntlerError('edge/refused', `Cannot wait for ${key} as it was never added`);
      try {
        await poll(() => (check(key).ready ? true : undefined), { signal, everyMs: 5, timeoutMs, what: 'the check' });
      } catch (error) {
        if (!hasCode(error, 'kit/timeout')) throw error;
        const said = check(key).check;
        throw new AntlerError(
          'edge/never-ready',
          `Cannot give ${key} traffic as ${servers.get(key)?.server.healthPath ?? routeOf(server).health.path} did not answer well within ${formatDuration(timeoutMs)}: the last check said ${said}`,
          { at: `${server.environment}/${server.service}`, lines: [said], cause: error },
        );
      }
      if (!file.has(key)) file.set(key, 0);
    },
    async weights(route, weights, signal) {
      reach(signal);
      const keys = weights.map(({ name, weight }) => ({ key: keyOf({ ...route, name }), weight }));
      const missing = keys.find(({ key }) => !file.has(key) || !servers.has(key));
      if (missing !== undefined) throw new AntlerError('edge/refused', `Cannot give ${missing.key} traffic as it is not ready`);
      for (const { key, weight } of keys) {
        file.set(key, weight);
        const entry = servers.get(key);
        if (entry !== undefined) entry.weight = weight;
      }
    },
    async drain(server, { limitMs, signal }) {
      reach(signal);
      const key = keyOf(server);
      const entry = servers.get(key);
      if (entry !== undefined) entry.draining = true;
      file.delete(key);
      try {
        await poll(() => ((sessions.get(key) ?? 0) === 0 ? true : undefined), {
          signal,
          everyMs: 5,
          timeoutMs: limitMs,
          what: 'open requests',
        });
      } catch (error) {
        if (!hasCode(error, 'kit/timeout')) throw error;
      }
      const cut = sessions.get(key) ?? 0;
      sessions.set(key, 0);
      return { cut };
    },
    async remove(server, signal) {
      reach(signal);
      servers.delete(keyOf(server));
      file.delete(keyOf(server));
    },
    async hold(route, signal) {
      reach(signal);
      held.add(routeKey(routeOf(route)));
    },
    async unhold(route, signal) {
      reach(signal);
      held.delete(routeKey(route));
    },
    async servers(signal) {
      reach(signal);
      return [...servers].map(([key, { server, weight, draining }]): ServerState => {
        const { environment, service, name, address, port } = server;
        const state = draining ? 'drain' : check(key).ready ? 'up' : 'down';
        return { environment, service, name, address, port, weight, state, check: check(key).check, sessions: sessions.get(key) ?? 0 };
      });
    },
    async reconcile(signal) {
      reach(signal);
      for (const key of servers.keys()) if (!file.has(key)) servers.delete(key);
    },
    async traffic(signal) {
      signal.throwIfAborted();
      return [...totals.values()];
    },
    alive: async () => answers,
    async [Symbol.asyncDispose]() {},
  };
}

function routeKey({ environment, service }: Pick<Route, 'environment' | 'service'>): string {
  return `${environment}:${service}`;
}

function keyOf(server: ServerId): string {
  return `${routeKey(server)}/${server.name}`;
}
