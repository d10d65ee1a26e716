/** When a rollout hides what is not an outage: while it is at work, and until its service is well again. Times are steady. Pure but for its memory. */

import type { Wanted } from './targets.ts';

/** A rollout may wait or bake for hours; no longer than this it hides weakness. */
const LONGEST_MS = 15 * 60_000;
/** After its end. */
const AFTER_MS = 60_000;

export interface Windows {
  /** What is at work now, between which releases. */
  set(wanted: Pick<Wanted, 'services' | 'rollouts'>, now: number): void;
  isOpen(environment: string, service: string, now: number): boolean;
  /** The releases between which a rollout moves the service, for as long as it runs, or has just moved it: none of them is a stranger. */
  releases(environment: string, service: string, now: number): ReadonlySet<string>;
  /** The service is well: after the rollout's end nothing is to be hidden any more. */
  well(environment: string, service: string): void;
}

interface Window {
  readonly openedAt: number;
  closedAt: number | undefined;
  readonly well: Set<string>;
  /** By service. */
  readonly releases: Map<string, Set<string>>;
}

const NONE: ReadonlySet<string> = new Set();

export function createWindows(): Windows {
  const windows = new Map<string, Window>();
  const justAfter = ({ closedAt, well }: Window, service: string, now: number): boolean =>
    closedAt !== undefined && now - closedAt < AFTER_MS && !well.has(service);
  return {
    set({ rollouts, services }, now) {
      for (const { environment } of rollouts) {
        const known = windows.get(environment);
        if (known === undefined || known.closedAt !== undefined)
          windows.set(environment, { openedAt: now, closedAt: undefined, well: new Set(), releases: new Map() });
      }
      for (const [environment, window] of windows) {
        if (!rollouts.some((each) => each.environment === environment)) window.closedAt ??= now;
        if (window.closedAt !== undefined && now - window.closedAt > AFTER_MS) windows.delete(environment);
      }
      for (const { environment, service, release, coming = [] } of services) {
        const window = windows.get(environment);
        if (window === undefined || window.closedAt !== undefined) continue;
        const own = window.releases.get(service) ?? new Set();
        for (const each of [release, ...coming.map((replica) => replica.release)]) own.add(each);
        window.releases.set(service, own);
      }
    },
    isOpen(environment, service, now) {
      const window = windows.get(environment);
      if (window === undefined) return false;
      return window.closedAt === undefined ? now - window.openedAt < LONGEST_MS : justAfter(window, service, now);
    },
    releases(environment, service, now) {
      const window = windows.get(environment);
      if (window === undefined || (window.closedAt !== undefined && !justAfter(window, service, now))) return NONE;
      return window.releases.get(service) ?? NONE;
    },
    well(environment, service) {
      const window = windows.get(environment);
      if (window?.closedAt !== undefined) window.well.add(service);
    },
  };
}
