/** Hands a rollout's progress to whoever asked for it; the rollout itself goes on without them. */

import type { ProgressEvent } from '../contract/events.ts';
import type { Receipt } from '../contract/releases.ts';
import type { Releases, RolloutRequest } from '../releases/releases.ts';

export interface FollowOptions {
  /** False: answer as soon as the rollout is recorded. */
  readonly wait: boolean;
  readonly emit: (event: ProgressEvent) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Begins and follows to the end; the receipt is the result. Throws what protection refused or the rollout's failure. */
export async function followRollout(releases: Releases, request: RolloutRequest, options: FollowOptions): Promise<Receipt> {
  const running = await releases.begin(request);
  if (!options.wait) return releases.receiptOf(running.rollout);
  for await (const event of running.feed.events(options.signal)) await options.emit(event);
  options.signal.throwIfAborted();
  await running.done;
  return releases.receiptOf(running.rollout);
}
