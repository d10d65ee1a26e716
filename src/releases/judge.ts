/** The verdict on a fresh release while it bakes. Pure. */

import type { ServerState } from '../edge/types.ts';

export interface Counts {
  readonly served: number;
  readonly errors: number;
  readonly lost: number;
}

/** What a service's callers got from its fresh release, and from the one before. */
export interface Judged {
  readonly service: string;
  readonly fresh: Counts;
  readonly old: Counts;
}

export interface BakeInput {
  /** Those that the rollout changes, each by itself: one that stays hands on what is wrong behind it, and would seem to be bad already. */
  readonly services: readonly Judged[];
  /** The fresh servers as the edge has them. */
  readonly servers: readonly ServerState[];
  /** Fresh containers that have ended. */
  readonly dead: readonly string[];
}

/** Fewer requests than this prove nothing about a rate. */
const ENOUGH = 20;
/** The app's own 5xx that a release may have, where the old one has fewer. */
const ERROR_RATE = 0.05;

/** Why the fresh release must go back; undefined while it is well. */
export function judgeBake(input: BakeInput): string | undefined {
  if (input.dead.length > 0) return `${input.dead.join(', ')} ended`;
  const down = input.servers.filter((each) => each.state === 'down');
  if (down.length > 0) return down.map((each) => `${each.service} ${each.name} fails its check (${each.check})`).join(', ');
  return input.services.map((each) => whyBad(each)).find((why) => why !== undefined);
}

function whyBad({ service, fresh, old }: Judged): string | undefined {
  if (fresh.lost > 0) return `${service}: ${fresh.lost} requests were lost on it`;
  const rate = (counts: Counts): number => (counts.served === 0 ? 0 : counts.errors / counts.served);
  if (fresh.served < ENOUGH || rate(fresh) <= ERROR_RATE || rate(fresh) <= 2 * rate(old)) return undefined;
  return `${service}: ${fresh.errors} of its ${fresh.served} answers were errors (the old release: ${old.errors} of ${old.served})`;
}
