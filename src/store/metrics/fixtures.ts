/** Rows for the tests of the history. */

import type { ClosedMinute, IncidentRow, TransitionRow } from './types.ts';

export const NOON = Date.UTC(2026, 5, 1, 12);

export const INCIDENT: IncidentRow = {
  id: 0,
  cause: 'service prod/web',
  title: 'web is down',
  severity: 'down',
  environment: 'prod',
  subjects: ['prod/web'],
  release: 'r1',
  openedAt: NOON,
  closedAt: undefined,
  acknowledgedBy: undefined,
  acknowledgedAt: undefined,
};

export function transitionAt(at: number): TransitionRow {
  return { environment: 'prod', service: 'web', release: 'r1', at, from: 'up', to: 'down', reason: 'answers 500', evidence: 'oops' };
}

/** A minute of so many replicas. */
export function minuteOf(at: number, targets: number): ClosedMinute {
  const counts = { up: 3, down: 0, late: 0, sumMs: 6, minMs: 1, maxMs: 3 };
  return {
    at,
    probes: Array.from({ length: targets }, (_, index) => ({
      environment: 'prod',
      service: 'web',
      release: 'r1',
      replica: `r1.${index}.${index}`,
      check: 'direct',
      ...counts,
    })),
    traffic: [],
    machine: undefined,
  };
}
