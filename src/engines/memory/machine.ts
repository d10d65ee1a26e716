/** A machine that exists in memory only: what several engines on it share, and what its containers do. */

import type { ContainerSpec, ContainerState, Exit, ExitReason, LogLine, NetworkSpec } from '../types.ts';

/** What the process in a container does; without any of this it runs until SIGTERM, then ends with 0. */
export interface MemoryBehaviour {
  /** It ends by itself, so long after each start. */
  readonly ends?: { readonly afterMs: number; readonly exitCode: number; readonly reason?: ExitReason };
  readonly ignoresTerm?: boolean;
  /** At each start. */
  readonly prints?: readonly Pick<LogLine, 'stream' | 'text'>[];
  /** Cannot be started at all. */
  readonly startFails?: string;
}

export interface MemoryContainer {
  readonly id: string;
  readonly spec: ContainerSpec;
  readonly instance: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly idBase: number | undefined;
  state: ContainerState;
  logs: readonly LogLine[];
  oomKills: number;
  /** Takes back what its present life has planned. */
  life: AbortController;
}

export interface MemoryMachine {
  readonly containers: Map<string, MemoryContainer>;
  readonly networks: Map<string, NetworkSpec & { readonly instance: string }>;
  readonly volumes: Map<string, string>;
  readonly images: Set<string>;
  /** Told at each end and each log line. */
  readonly listeners: Set<(news: MemoryNews) => void>;
}

export type MemoryNews =
  | { readonly kind: 'exit'; readonly instance: string; readonly exit: Exit }
  | { readonly kind: 'log' | 'removed'; readonly name: string };

export function createMemoryMachine(): MemoryMachine {
  return { containers: new Map(), networks: new Map(), volumes: new Map(), images: new Set(), listeners: new Set() };
}
