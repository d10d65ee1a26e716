/** Changing the routes: the only thing that may need a reload. File, reload, a look whether the new worker is there; else the old file again. */

import { createServer } from 'node:net';

import { AntlerError, errnoOf, hasCode } from '../kit/errors.ts';
import { poll } from '../kit/wait.ts';
import { bindsOf, withoutRecord, type Bind, type EdgeRecord } from './file.ts';
import type { FileRecord } from './record.ts';
import type { Runtime } from './runtime.ts';
import type { Route } from './types.ts';

export interface RouteOptions {
  readonly runtime: Runtime;
  readonly record: FileRecord;
  readonly ipv6: boolean;
  /** The supervisor's reload; unset: the master is asked itself. */
  readonly reload: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Who listens on a port, for people: `nginx (pid 812)`. */
  readonly portHolder: ((port: number) => Promise<string | undefined>) | undefined;
  /** Counters vanish with a worker: read before. */
  readonly settle: (signal: AbortSignal) => Promise<void>;
}

const RELOAD_MS = 20_000;

/** True where the file changed. */
export async function changeRoutes(options: RouteOptions, routes: readonly Route[], signal: AbortSignal): Promise<boolean> {
  const { runtime, record } = options;
  const before = await record.now();
  const old = await record.text();
  const next: EdgeRecord = { routes, servers: before.servers.filter((server) => routes.some((route) => isOf(server, route))) };
  const wanted = record.render(next);
  if (wanted === old) return false;
  const runs = await runtime.alive(signal);
  const held = new Set(runs ? bindsOf(before.routes, options.ipv6).map(({ text }) => text) : []);
  for (const bind of bindsOf(routes, options.ipv6)) if (!held.has(bind.text)) await provePortFree(bind, options);
  await record.save(next, signal);
  if (!runs || withoutRecord(wanted) === withoutRecord(old)) return true;
  try {
    await options.settle(signal);
    await reload(options, signal);
  } catch (error) {
    await record.restore(old); // HAProxy still runs with it
    throw error;
  }
  return true;
}

async function reload(options: RouteOptions, signal: AbortSignal): Promise<void> {
  const { runtime } = options;
  const before = await runtime.processes(signal);
  const pid = await runtime.pid(signal);
  if (options.reload === undefined) await askMasterToReload(runtime, signal);
  else await options.reload(signal);
  await poll(
    async () => {
      try {
        const now = await runtime.processes(signal);
        if (now.failedReloads > before.failedReloads)
          throw new AntlerError('edge/invalid-config', 'Cannot change the edge as HAProxy could not start with the new file');
        const current = await runtime.pid(signal);
        return current !== pid && now.workers.some((worker) => worker.pid === current && !worker.old) ? true : undefined;
      } catch (error) {
        if (hasCode(error, 'edge/unreachable')) return undefined;
        throw error;
      }
    },
    { signal, everyMs: 50, timeoutMs: RELOAD_MS, what: 'HAProxy’s new worker' },
  );
}

async function askMasterToReload(runtime: Runtime, signal: AbortSignal): Promise<void> {
  try {
    await runtime.master('reload', signal);
  } catch (error) {
    if (!hasCode(error, 'edge/unreachable')) throw error; // the master closes every connection as it starts again
  }
}

/** HAProxy shares its ports with other processes of the same user (SO_REUSEPORT): only a look beforehand shows a taken one. */
async function provePortFree(bind: Bind, options: RouteOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const server = createServer();
  server.once('error', reject);
  server.listen({ host: bind.host, port: bind.port, exclusive: true }, resolve);
  try {
    await promise;
  } catch (error) {
    // Virtual addresses may not be on the loopback interface yet; HAProxy binds them all the same.
    if (errnoOf(error) === 'EADDRNOTAVAIL') return;
    if (errnoOf(error) !== 'EADDRINUSE') throw error;
    const holder = (await options.portHolder?.(bind.port)) ?? 'another program';
    throw new AntlerError('edge/port-taken', `Cannot listen on port ${bind.port} as ${holder} does already`, {
      at: bind.text,
      cause: error,
    });
  } finally {
    const closed = Promise.withResolvers<void>();
    server.close(() => closed.resolve());
    await closed.promise;
  }
}

function isOf(server: { readonly environment: string; readonly service: string }, route: Route): boolean {
  return server.environment === route.environment && server.service === route.service;
}
