/** A rollout that was left in the middle, by a daemon that was killed or a record that took nothing: it is finished or undone. */

import { hasCode, toAntlerError } from '../kit/errors.ts';
import { finishRollout } from './apply.ts';
import type { RolloutPlan } from './plan.ts';
import { recordTraffic } from './traffic.ts';
import { undoRollout } from './undo.ts';
import { step, type Neighbours, type Work } from './work.ts';

export interface SettleOptions extends Pick<Neighbours, 'store'> {
  readonly log: (line: string) => void;
}

export interface Left {
  readonly plan: RolloutPlan;
  /** Why it was left, for its receipt. */
  readonly reason: string;
}

/** Throws `store/failed` where the record takes nothing (yet); any other fault is the rollout's end. */
export async function settle({ store, log }: SettleOptions, work: Work, { plan, reason }: Left): Promise<void> {
  const { rollout, signal } = work;
  const traffic = await recordTraffic({ ...work, rollout: rollout.id, environment: rollout.environment, resumed: true }, signal);
  try {
    if (rollout.phase === 'retire') {
      await finishRollout(work, plan);
      store.rollouts.end(rollout.id, { verdict: 'verified', reason: 'finished after the daemon came back' });
    } else {
      await step(work, { step: 'undo', title: 'go back to what served before' }, async () => {
        await undoRollout(work, plan.release.spec);
        return undefined;
      });
      store.rollouts.end(rollout.id, { verdict: rollout.from === undefined ? 'failed' : 'undone', reason });
    }
    await traffic.flush(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (hasCode(error, 'store/failed')) throw error;
    log(`cannot settle rollout ${rollout.id} of ${rollout.environment}: ${toAntlerError(error).message}`);
    store.rollouts.end(rollout.id, { verdict: 'failed', reason: toAntlerError(error).message });
  }
}
