/** The engine as a part that is watched: it sleeps until it is needed, and is never woken to be looked at. */

import type { Known } from './probes/probes.ts';

export interface EngineAnswer {
  readonly well: boolean;
  readonly detail: string;
}

export interface EnginePart {
  /** It was needed: did it answer? */
  was(answer: EngineAnswer): void;
  /** A question to it, so that one which it owes an answer to is known. */
  asked<T>(question: () => Promise<T>): Promise<T>;
  /** It did not answer, or has not answered for a second: what falls now may fall with it. */
  suspect(): boolean;
  /** Asleep it is as well as it was (undefined); only where it failed when it was needed it is asked again, until it is sure that it is back. */
  look(signal: AbortSignal): Promise<Known>;
}

export interface EnginePartOptions {
  /** Asks the engine; what came of it is heard by `was`. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** It did not answer: look at once. */
  readonly onFailure: () => void;
}

/** Good looks that make up for a failure. */
const SURE = 2;
/** It answers in some 10 ms, and where it has to be woken in 80. */
const SLOW_MS = 1000;

export function createEnginePart({ ask, onFailure }: EnginePartOptions): EnginePart {
  let last: EngineAnswer | undefined;
  let news = false;
  let owed = 0;
  let askedAt: number | undefined;
  return {
    async asked(question) {
      askedAt = performance.now();
      try {
        return await question();
      } finally {
        askedAt = undefined;
      }
    },
    suspect: () => owed > 0 || (askedAt !== undefined && performance.now() - askedAt > SLOW_MS),
    was(answer) {
      last = answer;
      news = true;
      if (answer.well) return;
      owed = SURE;
      onFailure();
    },
    async look(signal) {
      if (owed > 0) await ask(signal);
      else if (!news) return undefined;
      if (last === undefined) return undefined;
      news = false;
      if (last.well) owed = Math.max(0, owed - 1);
      return { outcome: last.well ? 'good' : 'bad', detail: last.detail };
    },
  };
}
