/** How a container in memory starts, ends and is ended. */

import { setTimeout as delay } from 'node:timers/promises';

import type { Clock } from '../../kit/clock.ts';
import { AntlerError } from '../../kit/errors.ts';
import { exitReason } from '../reason.ts';
import type { ContainerSpec, ExitReason, StopOptions } from '../types.ts';
import type { MemoryBehaviour, MemoryContainer, MemoryMachine } from './machine.ts';

const SIGNALS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGKILL: 9, SIGUSR1: 10, SIGTERM: 15 };

export interface LivesOptions {
  readonly machine: MemoryMachine;
  readonly behave: (spec: ContainerSpec) => MemoryBehaviour;
  readonly clock: Clock;
}

export interface Lives {
  start(container: MemoryContainer): void;
  stop(container: MemoryContainer, options: StopOptions): Promise<void>;
  kill(container: MemoryContainer, signal: string, options?: { readonly evenIfStill: boolean }): void;
}

export function createLives({ machine, behave, clock }: LivesOptions): Lives {
  let nextPid = 100_000;

  function end(container: MemoryContainer, exitCode: number, reason: ExitReason): void {
    container.life.abort();
    const at = clock.now();
    container.state = { kind: 'exited', exitCode, reason, at };
    const exit = { name: container.spec.name, exitCode, reason, at };
    for (const listener of machine.listeners) listener({ kind: 'exit', instance: container.instance, exit });
  }

  return {
    start(container) {
      if (container.state.kind === 'running') return;
      const { ends, prints = [], startFails } = behave(container.spec);
      if (startFails !== undefined) throw new AntlerError('engines/refused', `Cannot start ${container.spec.name} as ${startFails}`);
      const holder = [...machine.containers.values()].find(
        (other) => other !== container && other.state.kind === 'running' && other.spec.address === container.spec.address,
      );
      if (holder !== undefined) {
        throw new AntlerError('engines/ghost-address', `Cannot use ${container.spec.address} as ${holder.spec.name} answers for it`);
      }
      container.life = new AbortController();
      container.state = { kind: 'running', pid: nextPid++, since: clock.now() };
      container.oomKills = 0;
      container.logs = [...container.logs, ...prints.map((line) => ({ ...line, at: clock.now() }))];
      for (const listener of machine.listeners) listener({ kind: 'log', name: container.spec.name });
      if (ends === undefined) return;
      const reason = ends.reason ?? exitReason(ends.exitCode, false);
      void endLater(container, ends.afterMs, () => {
        if (reason === 'oom') container.oomKills += 1;
        end(container, ends.exitCode, reason);
      });
    },
    async stop(container, { graceMs, signal }) {
      if (container.state.kind !== 'running') return;
      if (behave(container.spec).ignoresTerm !== true) {
        end(container, 0, 'done');
        return;
      }
      await delay(graceMs, undefined, { signal: AbortSignal.any([signal, container.life.signal]) }).catch(() => signal.throwIfAborted());
      if (!container.life.signal.aborted) end(container, 137, 'killed');
    },
    kill(container, signal, options) {
      if (container.state.kind !== 'running') {
        if (options?.evenIfStill === true) return;
        throw new AntlerError('engines/refused', `Cannot send ${signal} to ${container.spec.name} as it does not run`);
      }
      if (signal === 'SIGKILL') end(container, 137, 'killed');
      else if (behave(container.spec).ignoresTerm !== true) {
        const exitCode = signal === 'SIGTERM' ? 0 : 128 + (SIGNALS[signal] ?? 0);
        end(container, exitCode, exitReason(exitCode, false));
      }
    },
  };
}

async function endLater(container: MemoryContainer, afterMs: number, end: () => void): Promise<void> {
  try {
    await delay(afterMs, undefined, { signal: container.life.signal });
  } catch {
    return; // it was ended earlier
  }
  end();
}
