/**
 * Reads the log ring of every worker through the runtime socket, and remembers in memory-backed storage how far.
 * (HAProxy 2.6 would also push the ring to us, but spins on one core while nobody listens.)
 */

import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { dirname } from 'node:path';

import { hasCode, isAbort } from '../kit/errors.ts';
import { poll, sleep } from '../kit/wait.ts';
import { createLedger, trafficSince, type Ledger, type LedgerMemory } from './ledger.ts';
import { createLineReader } from './lines.ts';
import { parseRequestLine } from './ring.ts';
import type { Runtime } from './runtime.ts';
import type { Traffic } from './types.ts';

export interface FollowerOptions {
  readonly runtime: Runtime;
  /** On a file system in memory: written every second that has traffic. */
  readonly memoryFile: string;
  readonly serving: (backend: string) => boolean;
  readonly onTraffic: ((deltas: readonly Traffic[]) => void) | undefined;
  /** What went wrong in the background; it is tried again a second later. */
  readonly onProblem: ((error: unknown) => void) | undefined;
}

export interface Follower {
  /** Reads the counters, then waits (a second at most) until the ring has told as much. */
  settle(signal: AbortSignal): Promise<void>;
  /** Starts to read workers that are new. */
  refresh(signal: AbortSignal): Promise<void>;
  totals(): readonly Traffic[];
  [Symbol.asyncDispose](): Promise<void>;
}

interface Stream {
  readonly socket: Socket;
  live: boolean;
}

interface Memory {
  readonly counts: LedgerMemory;
  /** By worker: the last line that was counted. */
  readonly last: Readonly<Record<string, string>>;
}

const TICK_MS = 1000;
const LOOK_EVERY = 5;
const SETTLE_MS = 1000;
/** The ring comes in one go: where it pauses for so long, all that it still held has been told, and the last line that was counted is not in it. */
const QUIET_MS = 300;
/** An edge that is always busy never pauses. */
const FIND_MS = 5000;
const EVENTS = 'show events requests -w';

export function createFollower(options: FollowerOptions): Follower {
  const { runtime } = options;
  const stop = new AbortController();
  const memory = readMemory(options.memoryFile);
  const ledger: Ledger = createLedger(memory.counts, options.serving);
  const streams = new Map<number, Stream>();
  const opening = new Set<number>();
  const looking = new Set<Promise<void>>();
  const last = new Map(Object.entries(memory.last).map(([pid, line]) => [Number(pid), line]));
  let told: readonly Traffic[] = [];
  let lines = 0;

  const take = (text: string): void => {
    const line = parseRequestLine(text);
    if (line === undefined) return;
    lines++;
    last.set(line.pid, text);
    ledger.line(line);
  };

  const follow = (pid: number, socketPath: string, command: string): void => {
    opening.add(pid);
    const socket = connect(socketPath);
    socket.setEncoding('utf8');
    const stream: Stream = { socket, live: false };
    const reader = createLineReader();
    const mark = last.get(pid);
    let held: string[] = [];
    let found = Number.NaN; // the worker that answers, by its own word
    const named = socketPath === runtime.paths.masterSocket;
    let timer: NodeJS.Timeout | undefined;
    let until = 0;
    const goLive = (): void => {
      clearTimeout(timer);
      if (stream.live) return;
      stream.live = true;
      for (const text of held) take(text);
      held = [];
    };
    /** Counts from the first answer on: a busy machine may take its time until then. */
    const search = (): void => {
      if (timer === undefined) {
        timer = setTimeout(goLive, QUIET_MS);
        until = performance.now() + FIND_MS;
      } else if (performance.now() < until) timer.refresh();
    };
    const meet = (): void => {
      streams.set(pid, stream);
      opening.delete(pid);
      if (mark === undefined) goLive();
    };
    socket.on('connect', () => {
      socket.write(`${command}\n`);
      if (named) meet();
    });
    socket.on('data', (chunk: string) => {
      for (const text of reader.push(chunk)) {
        if (stream.live) take(text);
        else if (text.startsWith('Pid: ')) found = Number(text.slice(5));
        else if (text === mark) {
          held = [];
          goLive();
        } else held.push(text);
        if (found === pid && !streams.has(pid)) meet();
        else if (!Number.isNaN(found) && found !== pid) socket.destroy(); // a reload came in between
      }
      if (!stream.live && streams.get(pid) === stream) search();
    });
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      goLive();
      opening.delete(pid);
      if (streams.get(pid) === stream) streams.delete(pid);
      if (stop.signal.aborted) return;
      const look: Promise<void> = lookAgain(pid)
        .catch(() => undefined)
        .finally(() => looking.delete(look));
      looking.add(look);
    });
  };

  /** A stream ended: the worker is gone, or only the connection (a reload closes those through the master). */
  const lookAgain = async (pid: number): Promise<void> => {
    await sleep(200, stop.signal);
    const known = await processes();
    if (known === undefined || !known.workers.some((worker) => worker.pid === pid)) ledger.died(pid);
    await refresh(stop.signal);
  };

  const processes = async (): Promise<Awaited<ReturnType<Runtime['processes']>> | undefined> => {
    try {
      return await runtime.processes(stop.signal);
    } catch (error) {
      if (hasCode(error, 'edge/unreachable') || isAbort(error)) return undefined;
      throw error;
    }
  };

  const refresh: Follower['refresh'] = async (signal) => {
    const known = await processes();
    for (const { pid, old } of known?.workers ?? []) {
      if (streams.has(pid) || opening.has(pid)) continue;
      // Our connection to a worker outlives a reload; one through the master does not.
      if (old) follow(pid, runtime.paths.masterSocket, `@!${pid} ${EVENTS}`);
      else follow(pid, runtime.paths.runtimeSocket, `show info;${EVENTS}`);
    }
    await poll(() => (opening.size === 0 ? true : undefined), { signal, everyMs: 5, timeoutMs: 10_000, what: 'the log ring' });
  };

  const sample = async (signal: AbortSignal): Promise<void> => {
    for (const worker of await runtime.workers(signal)) {
      ledger.counters(worker.pid, worker.rows);
      const idle = worker.rows.every((row) => row.server !== 'FRONTEND' || row.sessions === 0);
      const stream = streams.get(worker.pid);
      // We hold an old worker until it has told everything: its ring goes with it.
      if (worker.old && idle && stream?.live === true && ledger.settled(worker.pid)) stream.socket.destroy();
    }
  };

  const settle: Follower['settle'] = async (signal) => {
    await Promise.all(looking); // what a killed worker had under way is part of the sum
    if (!(await runtime.alive(signal))) return;
    await refresh(signal);
    await sleep(10, signal); // a response is with the client a moment before it is counted
    await sample(signal);
    const until = performance.now() + SETTLE_MS;
    const behind = (): boolean => [...streams].some(([pid, stream]) => !stream.live || !ledger.settled(pid));
    while (behind() && performance.now() < until) await sleep(5, signal);
  };

  const tell = async (): Promise<void> => {
    const now = ledger.totals();
    const deltas = trafficSince(now, told);
    if (deltas.length === 0) return;
    told = now;
    options.onTraffic?.(deltas);
    await writeMemory(options.memoryFile, {
      counts: ledger.memory(),
      last: Object.fromEntries([...last].filter(([pid]) => streams.has(pid))),
    });
  };

  const run = async (): Promise<void> => {
    let seen = 0;
    for (let tick = 0; !stop.signal.aborted; tick++) {
      // Not yet found HAProxy, an old worker to let go, or requests that are under way: what a crash takes should be known.
      const busy = lines !== seen || streams.size !== 1 || ledger.open() > 0;
      seen = lines;
      if (busy || tick % LOOK_EVERY === 0) {
        try {
          await settle(stop.signal);
          await tell();
        } catch (error) {
          if (isAbort(error)) return;
          if (!hasCode(error, 'edge/unreachable') && !hasCode(error, 'kit/timeout')) options.onProblem?.(error);
        }
      }
      await sleep(TICK_MS, stop.signal);
    }
  };
  const running = run().catch((error: unknown) => {
    if (!isAbort(error)) throw error;
  });

  return {
    settle,
    refresh,
    totals: () => ledger.totals(),
    async [Symbol.asyncDispose]() {
      stop.abort();
      for (const stream of streams.values()) stream.socket.destroy();
      await running;
      await tell();
    },
  };
}

function readMemory(file: string): Memory {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Memory;
  } catch {
    return { counts: {}, last: {} }; // the machine was started again, or this is the first time
  }
}

async function writeMemory(file: string, memory: Memory): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.tmp`, JSON.stringify(memory), { mode: 0o600 });
  await rename(`${file}.tmp`, file); // no flush: it is memory, and a torn file must only not be read
}
