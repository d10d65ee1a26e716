/** What the engine said of our containers when it was asked last: it is asked only when something has happened, so that it can sleep. */

import type { Container, Exit } from '../engines/types.ts';

export interface Observed {
  readonly containers: () => readonly Container[];
  byName(name: string): Container | undefined;
  /** Has it been asked since something happened last? */
  readonly fresh: () => boolean;
  /** Something happened. */
  spoil(): void;
  /** It does not run any more, by somebody who knows. */
  ended(name: string, end: Pick<Exit, 'exitCode' | 'reason' | 'at'>): void;
  /** Asks now; who comes meanwhile gets the answer of a question after theirs. False where the engine does not answer: then the last answer stays. */
  refresh(signal: AbortSignal): Promise<boolean>;
}

export interface ObservedOptions {
  readonly list: (signal: AbortSignal) => Promise<readonly Container[]>;
  readonly onProblem: (error: unknown) => void;
}

export function createObserved({ list, onProblem }: ObservedOptions): Observed {
  let known: readonly Container[] | undefined;
  let happened = 0;
  let seen = -1;
  let asking: { readonly of: number; readonly answer: Promise<boolean> } | undefined;

  async function ask(signal: AbortSignal): Promise<boolean> {
    const of = happened;
    try {
      known = await list(signal);
      seen = of;
      return true;
    } catch (error) {
      if (!signal.aborted) onProblem(error);
      return false;
    }
  }

  return {
    containers: () => known ?? [],
    byName: (name) => known?.find((each) => each.name === name),
    fresh: () => known !== undefined && seen === happened,
    ended(name, end) {
      known = known?.map((each) =>
        each.name === name && each.state.kind === 'running' ? { ...each, state: { kind: 'exited', ...end } } : each,
      );
    },
    spoil: () => void (happened += 1),
    async refresh(signal) {
      if (asking?.of === happened) return asking.answer;
      await asking?.answer;
      if (asking?.of !== happened) {
        const of = happened;
        const answer = ask(signal);
        asking = { of, answer };
        void answer.finally(() => {
          if (asking?.answer === answer) asking = undefined;
        });
        return answer;
      }
      return asking.answer;
    },
  };
}
