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
  readonly memory: { readonly idle: Memory; readonly loaded: Memory };
  readonly writes: { readonly minutes: number; readonly bytesPerHour: number; readonly parts: Readonly<Record<string, number>> };
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
  readonly platform: Readonly<Record<string, number>>;
  readonly apps: number;
}
