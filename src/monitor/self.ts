/** Our own faults: a loop that stood still, a machine that slept, a network of ours that is broken. They say nothing of a target. */

import { connect, createServer } from 'node:net';
import { uptime } from 'node:os';

import type { SelfState } from './types.ts';

/** A loop that stood still longer than this makes failures of that time worth nothing. */
const STALL_MS = 1000;
/** After the machine slept, or we did, the network may take so long to be back. */
const GRACE_MS = 10_000;
const SLEPT_MS = 5000;
const BEAT_MS = 250;
const CANARY_MS = 1000;
const MINUTE = 60;

/** What the system says when we have no files, ports or memory left. */
const EXHAUSTED: Readonly<Record<string, string>> = {
  EMFILE: 'too many open files',
  ENFILE: 'too many open files',
  ENOBUFS: 'no memory for connections',
  ENOMEM: 'no memory',
  EADDRNOTAVAIL: 'no free port',
};
/** Where the world outside is asked: the way to it is ours. */
const NO_WAY: Readonly<Record<string, string>> = {
  ENETUNREACH: 'no route',
  ENETDOWN: 'no route',
  EAI_AGAIN: 'the resolver does not answer',
  resolver: 'the resolver does not answer',
};

export interface Clocks {
  /** Stands still while the machine is suspended. */
  readonly monotonic: () => number;
  /** Goes on while the machine is suspended. */
  readonly boot: () => number;
  /** Longest stall of the event loop since the last call. */
  readonly stall: () => number;
}

export interface Failure {
  /** Monotonic. */
  readonly began: number;
  readonly fault: string | undefined;
  readonly outside: boolean;
}

export interface Self {
  /** Once a second. */
  tick(): void;
  /** Why a failure may be ours; undefined where it is the target's. */
  excuse(failure: Failure): Promise<string | undefined>;
  state(): SelfState;
}

/** Node's own histogram of delays forgets a stall that comes right after it was read: a timer that is late does not. */
export function systemClocks(signal: AbortSignal): Clocks {
  let [last, longest] = [performance.now(), 0];
  const beat = (): void => {
    const now = performance.now();
    longest = Math.max(longest, now - last - BEAT_MS);
    last = now;
  };
  const timer = setInterval(beat, BEAT_MS).unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  return {
    monotonic: () => performance.now(),
    boot: () => uptime() * 1000,
    stall() {
      const stall = Math.max(longest, performance.now() - last - BEAT_MS, 0); // the beat itself may be late yet
      longest = 0;
      return stall;
    },
  };
}

export function createSelf(clocks: Clocks, canary: () => Promise<boolean> = askCanary): Self {
  let before = { monotonic: clocks.monotonic(), boot: clocks.boot() };
  let lags: number[] = [];
  let stalledAt = Number.NEGATIVE_INFINITY;
  let trouble: { readonly why: string; readonly until: number } | undefined;
  let sings = true;
  let asking: Promise<boolean> | undefined;

  function feel(): void {
    const lag = clocks.stall();
    lags[lags.length - 1] = Math.max(lags.at(-1) ?? 0, lag);
    if (lag <= STALL_MS) return;
    stalledAt = clocks.monotonic();
    // It may have been the whole process, or the whole machine, that stood still: connections are gone, the network comes back.
    if (lag > SLEPT_MS) trouble = { why: `we stood still for ${Math.round(lag / 1000)} s`, until: stalledAt + GRACE_MS };
  }

  function ownTrouble(): string | undefined {
    if (trouble !== undefined && clocks.monotonic() > trouble.until) trouble = undefined;
    return trouble?.why;
  }

  async function ask(): Promise<boolean> {
    asking ??= canary().finally(() => (asking = undefined));
    sings = await asking;
    return sings;
  }

  return {
    tick() {
      lags = [...lags.slice(-MINUTE + 1), 0];
      feel();
      const now = { monotonic: clocks.monotonic(), boot: clocks.boot() };
      const slept = now.boot - before.boot - (now.monotonic - before.monotonic);
      if (slept > SLEPT_MS) trouble = { why: `the machine slept for ${Math.round(slept / 1000)} s`, until: now.monotonic + GRACE_MS };
      before = now;
    },
    async excuse({ began, fault, outside }) {
      if (fault !== undefined && EXHAUSTED[fault] !== undefined) return EXHAUSTED[fault];
      if (fault !== undefined && outside && NO_WAY[fault] !== undefined) return NO_WAY[fault];
      feel();
      if (stalledAt > began) return 'our own loop stood still';
      const why = ownTrouble();
      if (why !== undefined) return why;
      return (await ask()) ? undefined : 'our own canary does not answer';
    },
    state: () => ({
      loopLagMs: Math.round(Math.max(0, ...lags)),
      canary: sings,
      own: ownTrouble() ?? (sings ? undefined : 'our own canary does not answer'),
    }),
  };
}

/** A connection to ourselves over loopback, opened and closed for this once: needs files, ports, a network and a loop that turns. */
async function askCanary(): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), CANARY_MS);
  const server = createServer((socket) => socket.end('alive').on('error', () => undefined));
  server.on('error', () => resolve(false));
  try {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') return resolve(false);
      const socket = connect(address.port, '127.0.0.1');
      socket.once('data', () => {
        socket.destroy();
        resolve(true);
      });
      socket.on('error', () => resolve(false));
    });
    return await promise;
  } finally {
    clearTimeout(timer);
    server.close();
  }
}
