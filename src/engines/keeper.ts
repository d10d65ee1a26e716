/** Starts again what died and shall run: no engine restart policy does, since each restart of it may leave a network namespace behind. */

import type { Clock } from '../kit/clock.ts';
import { hasCode } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';
import { isEngineAbsent } from './absent.ts';
import { SETTLED, restartDecision } from './restart.ts';
import type { Engine, Exit } from './types.ts';

export interface KeeperOptions {
  readonly engine: Pick<Engine, 'exits' | 'start'>;
  /** Asked at each end, and again before each start. */
  readonly wantedRunning: (name: string) => boolean;
  /** Makes and starts what was removed by hand. */
  readonly recreate: (name: string, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  /** Each change of a verdict, as it happens. */
  readonly onVerdict: (name: string, verdict: KeeperVerdict) => void;
  /** How to wait; the tests' own does not. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface KeeperVerdict {
  readonly kind: 'running' | 'restarting' | 'crash-loop';
  readonly lastExit: Exit | undefined;
}

export interface Keeper {
  /** Keeps until the signal; then returns, with nothing left under way. */
  run(signal: AbortSignal): Promise<void>;
  /** What is known of a container that shall run; `running` where it never ended. */
  verdict(name: string): KeeperVerdict;
}

/** One container's ends since it last lived well. */
interface Kept {
  history: readonly number[];
  verdict: KeeperVerdict;
  /** Aborted by its next end: then it has not settled. */
  life: AbortController;
}

/** Milliseconds before listening again after it broke. */
const LISTEN_AGAIN = 1000;
/** Milliseconds before an engine that is not there is asked again. */
const ENGINE_AGAIN = 1000;

export function createKeeper(options: KeeperOptions): Keeper {
  const { engine, wantedRunning, recreate, clock, onVerdict, wait = sleep } = options;
  const kept = new Map<string, Kept>();
  const underWay = new Set<Promise<void>>();

  function say(name: string, entry: Kept, verdict: KeeperVerdict): void {
    const changed = entry.verdict.kind !== verdict.kind || entry.verdict.lastExit !== verdict.lastExit;
    entry.verdict = verdict;
    if (changed) onVerdict(name, verdict);
  }

  async function bringBack(exit: Exit, entry: Kept, signal: AbortSignal): Promise<void> {
    const { name } = exit;
    const { life } = entry;
    for (;;) {
      const { verdict, waitMs } = restartDecision(entry.history, clock.now());
      say(name, entry, { kind: verdict, lastExit: exit });
      await wait(waitMs, signal);
      if (!wantedRunning(name)) {
        kept.delete(name);
        return;
      }
      try {
        await startOrMake(name, signal);
        if (verdict === 'restarting' && !life.signal.aborted) say(name, entry, { kind: 'running', lastExit: exit });
        return;
      } catch (error) {
        signal.throwIfAborted();
        life.signal.throwIfAborted(); // it started, and ended meanwhile: that end has its own turn
        // A start that fails is an end; one that nobody was there for is none: else a dead engine makes crash loops, which are tried again late.
        if (isEngineAbsent(error)) await wait(ENGINE_AGAIN, signal);
        else entry.history = [...entry.history, clock.now()];
      }
    }
  }

  async function startOrMake(name: string, signal: AbortSignal): Promise<void> {
    try {
      await engine.start(name, signal);
    } catch (error) {
      if (!hasCode(error, 'engines/not-found')) throw error;
      await recreate(name, signal);
    }
  }

  async function keep(exit: Exit, signal: AbortSignal): Promise<void> {
    const { name } = exit;
    if (!wantedRunning(name)) {
      kept.delete(name);
      return;
    }
    const entry = kept.get(name) ?? { history: [], verdict: { kind: 'running', lastExit: undefined }, life: new AbortController() };
    kept.set(name, entry);
    entry.life.abort();
    const life = new AbortController();
    entry.life = life;
    entry.history = [...entry.history, exit.at];
    await bringBack(exit, entry, signal);
    await wait(SETTLED, AbortSignal.any([signal, life.signal]));
    entry.history = [];
    say(name, entry, { kind: 'running', lastExit: exit });
  }

  function begin(exit: Exit, signal: AbortSignal): void {
    const task = keep(exit, signal).catch(() => undefined); // only waits end so: it died again, or all is over
    underWay.add(task);
    void task.finally(() => underWay.delete(task));
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          for await (const exit of engine.exits(signal)) begin(exit, signal);
        } catch {
          await wait(LISTEN_AGAIN, signal).catch(() => undefined);
        }
      }
      await Promise.all(underWay);
    },
    verdict: (name) => kept.get(name)?.verdict ?? { kind: 'running', lastExit: undefined },
  };
}
