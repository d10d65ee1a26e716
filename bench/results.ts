/** What a run of the benchmarks found, as data. */

import type { ActionsResults } from './actions.ts';
import type { PushResults } from './pushes.ts';
import type { LoadedRollouts, RolloutTiming } from './rollouts.ts';
import type { StartRatio } from './starts.ts';

export interface Results {
  readonly at: string;
  readonly machine: Machine;
  readonly up: { readonly coldMs: number; readonly againMs: readonly number[]; readonly warmMs: number };
  readonly starts: readonly StartRatio[];
  readonly actions: ActionsResults;
  readonly rollouts: readonly RolloutTiming[];
  readonly loaded: LoadedRollouts;
  readonly pushes: PushResults;
  readonly idle: Idle;
  /** While both services were deployed three times under load. */
  readonly busiest: { readonly memory: Memory; readonly loopLagMs: number };
  /** Undefined where no Chromium is. */
  readonly paint: Paint | undefined;
}

/** By part: `daemon`, `edge`, …, and `containers`, which are the application's. */
type ByPart = Readonly<Record<string, number>>;

export interface Idle {
  readonly minutes: number;
  /** Of one core: 0.01 is a hundredth. */
  readonly cpu: ByPart;
  /** Bytes to storage in an hour, at the pace of these minutes. */
  readonly written: ByPart;
  /** Whether the history made an hour of minutes meanwhile. */
  readonly rolledUp: boolean;
  /** Longest stall of the daemon's event loop in the last of these minutes. */
  readonly loopLagMs: number;
  /** A history on its own for as many targets as the daemon has, its hours and its housekeeping included. */
  readonly history: { readonly targets: number; readonly bytesPerHour: number };
  readonly memory: Memory;
}

/** Of the console's first page in a browser that has nothing of it yet, and of a page of one word there. */
export interface Paint {
  readonly browser: string;
  readonly ms: readonly number[];
  readonly emptyMs: readonly number[];
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly system: string;
  readonly kernel: string;
  readonly init: string;
  /** Name → version. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Bytes of Pss by part. */
export interface Memory {
  readonly platform: ByPart;
  readonly apps: number;
}
