/** Wires the monitor: what shall serve comes from the record, what runs from the engine, and what was seen goes to who asks. */

import type { Board } from '../api/types.ts';
import type { Edge } from '../edge/types.ts';
import { isEngineAbsent, type Keeper, type KeeperVerdict } from '../engines/engines.ts';
import type { Engine } from '../engines/types.ts';
import type { Clock } from '../kit/clock.ts';
import { createMonitor, type Looks, type Monitor, type MonitorOptions, type Wanted } from '../monitor/monitor.ts';
import type { Sample } from '../monitor/types.ts';
import type { Releases } from '../releases/releases.ts';
import type { Platform } from '../store/store.ts';

export interface WatchOptions extends Pick<MonitorOptions, 'signal' | 'lately' | 'incidents' | 'notices' | 'onSample' | 'onTransition'> {
  readonly store: Platform;
  readonly releases: Releases;
  readonly engine: Engine;
  readonly edge: Edge;
  readonly keeper: Keeper;
  readonly registryAlive: (signal: AbortSignal) => Promise<boolean>;
  readonly clock: Clock;
}

export interface Watch {
  readonly monitor: Monitor;
  readonly board: Board;
}

export function createWatch(options: WatchOptions): Watch {
  const { releases, engine, edge } = options;
  const keeper: MonitorOptions['keeper'] = (container) => describe(options.keeper.verdict(container));
  const trouble = (container: string): string | undefined => {
    const { kind, detail } = keeper(container);
    return kind === 'running' ? undefined : detail;
  };
  const monitor = createMonitor({
    ...options,
    keeper,
    wanted: createWanted(options),
    containers: async (signal) => engine.list(signal),
    alive: { edge: async (signal) => edge.alive(signal), registry: options.registryAlive },
    record: (looks) => releases.status({ ...answersOf(looks), containers: looks.containers, trouble }),
  });
  return {
    monitor,
    board: {
      async now(signal) {
        await monitor.checkNow(signal);
        return monitor.board();
      },
      last: () => monitor.board(),
      changes: (signal) => monitor.changes(signal),
    },
  };
}

function describe({ kind, lastExit }: KeeperVerdict): ReturnType<MonitorOptions['keeper']> {
  const last = lastExit === undefined ? '' : `, last ended with ${lastExit.exitCode} (${lastExit.reason})`;
  return { kind, detail: `${kind === 'crash-loop' ? 'crash loop' : kind}${last}`, ...(lastExit === undefined ? {} : { end: lastExit }) };
}

/** The same object until the record or the config has changed. */
function createWanted({ store, releases }: WatchOptions): () => Wanted {
  let known: { readonly serving: unknown; readonly watch: unknown; readonly wanted: Wanted } | undefined;
  return () => {
    const serving = releases.serving();
    const watch = store.watch.get();
    if (known?.serving !== serving || known.watch !== watch)
      known = { serving, watch, wanted: { ...serving, monitors: watch?.monitors ?? [] } };
    return known.wanted;
  };
}

function answersOf({ edge, direct }: Looks) {
  const answer = (sample: Sample | undefined) =>
    sample === undefined || sample.outcome === 'own'
      ? undefined
      : { well: sample.outcome !== 'bad', release: sample.release, detail: sample.detail };
  return {
    edge: (environment: string, service: string) => answer(edge(environment, service)),
    direct: (environment: string, service: string, replica: string) => answer(direct(environment, service, replica)),
  };
}

/** Hears whether the engine answers when it is needed: it sleeps otherwise, and is not woken to be asked. */
export function heard(engine: Engine, tell: (answer: { readonly well: boolean; readonly detail: string }) => void): Engine {
  const listen = async <T>(work: Promise<T>): Promise<T> => {
    try {
      const done = await work;
      tell({ well: true, detail: 'answers' });
      return done;
    } catch (error) {
      if (isEngineAbsent(error)) tell({ well: false, detail: 'does not answer' });
      throw error;
    }
  };
  return {
    ...engine,
    start: async (name, signal) => listen(engine.start(name, signal)),
    create: async (spec, signal) => listen(engine.create(spec, signal)),
    pull: async (reference, signal) => listen(engine.pull(reference, signal)),
  };
}
