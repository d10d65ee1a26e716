/** Rollouts that wait for people: one refusal ends them, enough approvals let them go. */

import { isoTime } from '../kit/clock.ts';
import { AntlerError } from '../kit/errors.ts';
import type { Platform } from '../store/store.ts';
import type { ApprovalRow } from '../store/types.ts';
import { approvalId, approvalNumber, releaseId } from './names.ts';
import type { Work } from './work.ts';

export interface Vote {
  readonly actor: string;
  readonly approve: boolean;
  readonly via: string;
  readonly comment: string | undefined;
}

export interface Approvals {
  /** Throws `releases/unknown-approval` for one that is not waiting. */
  vote(id: string, vote: Vote): ApprovalRow;
  /** Ends with the approval; throws `releases/rejected`. */
  wait(work: Work, approval: ApprovalRow): Promise<void>;
  /** A newer rollout of the environment takes the place of those that still wait. */
  supersede(environment: string, by: string): void;
}

export function createApprovals(store: Platform): Approvals {
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  return {
    vote(id, vote) {
      const number = approvalNumber(id);
      const before = store.approvals.get(number);
      if (before?.state !== 'waiting') {
        throw new AntlerError(
          'releases/unknown-approval',
          `Cannot answer ${id} as ${before === undefined ? 'there is no such approval' : `it is ${before.state} already`}`,
        );
      }
      const after = store.approvals.vote(number, vote);
      if (after.state === 'approved') waiting.get(number)?.resolve();
      if (after.state === 'rejected')
        waiting
          .get(number)
          ?.reject(
            new AntlerError(
              'releases/rejected',
              `Cannot go on as ${vote.actor} refused${vote.comment === undefined ? '' : `: ${vote.comment}`}`,
            ),
          );
      return after;
    },
    async wait(work, approval) {
      const { rollout, clock, report, signal } = work;
      report({
        kind: 'waiting',
        time: isoTime(clock.now()),
        approval: approvalId(approval.id),
        environment: rollout.environment,
        release: releaseId(rollout.release),
      });
      const answer = Promise.withResolvers<void>();
      waiting.set(approval.id, answer);
      const stop = (): void =>
        answer.reject(new AntlerError('daemon/stopping', 'Cannot wait longer for the approval as the daemon is stopping'));
      signal.addEventListener('abort', stop, { once: true });
      try {
        await answer.promise;
      } finally {
        signal.removeEventListener('abort', stop);
        waiting.delete(approval.id);
      }
    },
    supersede(environment, by) {
      for (const approval of store.approvals.waiting()) {
        if (store.rollouts.get(approval.rollout)?.environment !== environment) continue;
        store.approvals.close(approval.id);
        waiting.get(approval.id)?.reject(new AntlerError('releases/rejected', `Cannot go on as ${by} took its place`));
      }
    },
  };
}
