/** When each target is looked at: all that are due in a second in one burst, which costs a quarter of as many timers. */

import { sleep } from '../kit/wait.ts';
import type { Target } from './types.ts';

/** Looks at the same time; the others wait for their turn. */
const AT_ONCE = 50;
const SECOND = 1000;

export interface TickerOptions {
  /** One look; never throws. */
  readonly look: (target: Target, signal: AbortSignal) => Promise<void>;
  /** Before the looks of a tick. */
  readonly onTick: () => void;
  /** Monotonic milliseconds: a jump of the wall clock changes nothing. */
  readonly now: () => number;
  /** How to wait; the tests' own does not. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** The ticker's life. */
  readonly signal: AbortSignal;
}

export interface Ticker {
  /** From now on these. New ones are looked at within the next ticks, without waiting for their turn. */
  retarget(targets: readonly Target[]): void;
  /** In so many milliseconds, whatever its turn. */
  again(key: string, inMs: number): void;
  /** Now: ends when all of them have been looked at; a look that is under way counts. */
  lookNow(targets: readonly Target[]): Promise<void>;
  /** Ticks until the signal; returns with nothing left under way. */
  run(): Promise<void>;
}

interface Entry {
  target: Target;
  readonly phase: number;
  /** When it is looked at out of turn. */
  againAt: number | undefined;
  busy: Promise<void> | undefined;
}

export function createTicker({ look, onTick, now, signal, wait = sleep }: TickerOptions): Ticker {
  const entries = new Map<string, Entry>();
  const queue: { readonly entry: Entry; readonly begin: () => void }[] = [];
  let inFlight = 0;

  function pump(): void {
    while (inFlight < AT_ONCE) {
      const next = queue.shift();
      if (next === undefined) return;
      inFlight += 1;
      next.begin();
    }
  }

  /** Never twice at once. */
  async function start(entry: Entry): Promise<void> {
    if (entry.busy !== undefined) return entry.busy;
    const turn = Promise.withResolvers<void>();
    queue.push({ entry, begin: turn.resolve });
    entry.againAt = undefined;
    const work = async (): Promise<void> => {
      await turn.promise;
      try {
        if (!signal.aborted && entries.has(entry.target.key)) await look(entry.target, signal);
      } finally {
        entry.busy = undefined;
        inFlight -= 1;
        pump();
      }
    };
    entry.busy = work();
    return entry.busy;
  }

  function tick(last: number, second: number): void {
    onTick();
    let fresh = AT_ONCE;
    for (const entry of entries.values()) {
      const early = entry.againAt !== undefined && entry.againAt <= now();
      if (early && (entry.againAt !== 0 || fresh-- > 0)) void start(entry);
      else if (isDue(entry, last, second)) void start(entry);
    }
    pump();
  }

  return {
    retarget(targets) {
      const wanted = new Set(targets.map(({ key }) => key));
      for (const key of entries.keys()) if (!wanted.has(key)) entries.delete(key);
      for (const target of targets) {
        const known = entries.get(target.key);
        if (known === undefined) entries.set(target.key, { target, phase: hash(target.key), againAt: 0, busy: undefined });
        else known.target = target;
      }
    },
    again(key, inMs) {
      const entry = entries.get(key);
      if (entry !== undefined) entry.againAt = now() + inMs;
    },
    async lookNow(targets) {
      const looks = targets.flatMap(({ key }) => entries.get(key) ?? []).map(async (entry) => start(entry));
      pump();
      await Promise.all(looks);
    },
    async run() {
      let last = Math.floor(now() / SECOND);
      while (!signal.aborted) {
        const second = Math.floor(now() / SECOND);
        if (second > last) {
          tick(last, second);
          last = second;
        }
        await wait(SECOND - (now() % SECOND) + 1, signal).catch(() => undefined);
      }
      await Promise.all([...entries.values()].map(async ({ busy }) => busy));
    },
  };
}

/** Its second of the interval came since the last tick; a tick that was late makes up for those that it missed. */
function isDue({ target, phase }: Entry, last: number, second: number): boolean {
  const interval = Math.max(1, Math.round(target.intervalMs / SECOND));
  const turn = (at: number): number => Math.floor((at - (phase % interval)) / interval);
  return turn(second) > turn(last);
}

/** FNV-1a: the same key is always looked at in the same second of its interval. */
export function hash(key: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < key.length; at += 1) value = Math.imul(value ^ key.charCodeAt(at), 0x01000193) >>> 0;
  return value;
}
