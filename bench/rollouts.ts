/** Rollouts, timed: from the pushed image to all traffic on it, and under load while both services are deployed three times. */

import { setTimeout as pause } from 'node:timers/promises';

import type { Receipt } from '../src/contract/releases.ts';
import type { Antler } from './antler.ts';
import { runLoad, type LoadResult } from './load.ts';

const ENVIRONMENT = 'dev';

export interface RolloutTiming {
  readonly release: string;
  /** From the word `deploy`, images pushed, to the last answer of the old release as a client saw it. */
  readonly lastOldAnswerMs: number;
  /** The whole command: until the old containers are drained and stopped. */
  readonly commandMs: number;
  readonly parts: Parts;
}

/** What no software can do away with: a container starts, its check passes for the first time, the old one drains and stops. */
export interface Parts {
  readonly startMs: number;
  readonly checkMs: number;
  readonly drainMs: number;
  /** All other steps of the rollout. */
  readonly otherMs: number;
}

/** `rounds` rollouts of both services, each under a light load that only tells who answers. */
export async function timeRollouts(antler: Antler, rounds: number, signal: AbortSignal): Promise<readonly RolloutTiming[]> {
  const url = await antler.urlOf(ENVIRONMENT);
  const timings: RolloutTiming[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    await antler.change(`timed ${round}`);
    const release = await antler.build();
    await pause(2000, undefined, { signal }); // the build's heat is not the rollout's
    const stop = new AbortController();
    const watching = runLoad({ url, signal: AbortSignal.any([signal, stop.signal]), durationMs: 300_000, connections: 4 });
    await pause(500, undefined, { signal });
    const started = Date.now();
    const receipt = await antler.deploy(ENVIRONMENT, release.id);
    const commandMs = Date.now() - started;
    await pause(500, undefined, { signal });
    stop.abort();
    const { releases } = await watching;
    const old = Object.entries(releases).filter(([id]) => id !== release.id);
    const lastOld = Math.max(...old.map(([, share]) => share.last));
    timings.push({ release: release.id, lastOldAnswerMs: lastOld - started, commandMs, parts: partsOf(receipt) });
  }
  return timings;
}

/** Containers start one after the other, checks wait side by side. */
export function partsOf(receipt: Pick<Receipt, 'steps'>): Parts {
  const times = (name: string): number[] =>
    receipt.steps.flatMap(({ step, ms, state }) => (state === 'done' && ms !== null && `/${step}/`.includes(`/${name}/`) ? [ms] : []));
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const parts = { startMs: sum(times('start')), checkMs: Math.max(0, ...times('gate')), drainMs: sum(times('retire')) };
  const all = receipt.steps.flatMap(({ ms, state }) => (state === 'done' && ms !== null ? [ms] : []));
  return { ...parts, otherMs: sum(all) - parts.startMs - sum(times('gate')) - parts.drainMs };
}

export interface LoadedRollouts {
  readonly load: LoadResult;
  readonly receipts: readonly Receipt[];
  readonly commandMs: readonly number[];
}

/** Builds first, so that the load meets the rollouts and not the compilers; it ends when it has lasted `seconds` and all are done. */
export async function rolloutsUnderLoad(
  antler: Antler,
  options: {
    readonly seconds: number;
    readonly connections: number;
    readonly signal: AbortSignal;
    readonly onDeployed?: () => Promise<void>;
  },
): Promise<LoadedRollouts> {
  const { seconds, connections, signal } = options;
  const url = await antler.urlOf(ENVIRONMENT);
  const releases: string[] = [];
  for (const round of [1, 2, 3]) {
    await antler.change(`loaded ${round}`);
    releases.push((await antler.build()).id);
  }
  const stop = new AbortController();
  const load = runLoad({ url, signal: AbortSignal.any([signal, stop.signal]), durationMs: 180_000, connections });
  const enough = pause(seconds * 1000, undefined, { signal });
  const receipts: Receipt[] = [];
  const commandMs: number[] = [];
  try {
    await pause(2000, undefined, { signal });
    for (const release of releases) {
      const started = performance.now();
      receipts.push(await antler.deploy(ENVIRONMENT, release));
      commandMs.push(performance.now() - started);
      await options.onDeployed?.();
    }
    await enough;
  } finally {
    stop.abort();
  }
  return { load: await load, receipts, commandMs };
}
