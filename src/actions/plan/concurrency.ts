/** Who may run in a concurrency group: one, and at most one more that waits. Pure. */

/** Somebody who runs or waits in the group, or wants to. */
export interface Member {
  readonly id: string;
  readonly state: 'running' | 'waiting';
}

export interface Entry {
  /** What the newcomer does now. */
  readonly kind: 'run' | 'wait';
  /** Who is cancelled for it. */
  readonly cancel: readonly string[];
}

/** Names of groups do not mind case. */
export function groupKey(group: string): string {
  return group.toLowerCase();
}

/** GitHub's rule: a newcomer takes the place of whoever waits; with `cancel-in-progress` also of whoever runs, for whose end it waits. */
export function enterGroup(members: readonly Member[], cancelInProgress: boolean): Entry {
  const cancel = members.filter(({ state }) => state === 'waiting' || cancelInProgress).map(({ id }) => id);
  return { kind: members.some(({ state }) => state === 'running') ? 'wait' : 'run', cancel };
}
