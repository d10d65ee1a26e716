/** When a rollout hides what is not an outage: while it is at work, and until its service is well again. Pure but for its memory. */

import type { WantedRollout } from './targets.ts';

/** A rollout may wait or bake for hours; no longer than this it hides anything. */
const LONGEST_MS = 15 * 60_000;
/** After its end. */
const AFTER_MS = 60_000;

export interface Windows {
  /** What is at work now. */
  set(rollouts: readonly WantedRollout[], now: number): void;
  isOpen(environment: string, service: string, now: number): boolean;
  /** The service is well: after the rollout's end nothing is to be hidden any more. */
  well(environment: string, service: string): void;
}

interface Window {
  readonly openedAt: number;
  closedAt: number | undefined;
  readonly well: Set<string>;
}

export function createWindows(): Windows {
  const windows = new Map<string, Window>();
  return {
    set(rollouts, now) {
      for (const { environment } of rollouts) {
        const known = windows.get(environment);
        if (known === undefined || known.closedAt !== undefined) {
          windows.set(environment, { openedAt: now, closedAt: undefined, well: new Set() });
        }
      }
      for (const [environment, window] of windows) {
        if (!rollouts.some((each) => each.environment === environment)) window.closedAt ??= now;
        if (window.closedAt !== undefined && now - window.closedAt > AFTER_MS) windows.delete(environment);
      }
    },
    isOpen(environment, service, now) {
      const window = windows.get(environment);
      if (window === undefined) return false;
      if (window.closedAt === undefined) return now - window.openedAt < LONGEST_MS;
      return now - window.closedAt < AFTER_MS && !window.well.has(service);
    },
    well(environment, service) {
      const window = windows.get(environment);
      if (window?.closedAt !== undefined) window.well.add(service);
    },
  };
}
