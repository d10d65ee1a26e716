/** Rollouts and jobs that wait for people: one refusal ends them, enough approvals let them go. */

import { AntlerError } from '../kit/errors.ts';
import type { Platform } from '../store/store.ts';
import type { ApprovalRow } from '../store/types.ts';
import { approvalNumber, releaseId } from './names.ts';

export interface Vote {
  readonly actor: string;
  readonly approve: boolean;
  readonly via: string;
  readonly comment: string | undefined;
}

export interface Approvals {
  /** Throws `releases/unknown-approval` for one that is not waiting. */
  vote(id: string, vote: Vote): ApprovalRow;
  /** Ends with the approval; throws `releases/rejected`, `daemon/stopping` when the signal ends it. */
  wait(approval: ApprovalRow, signal: AbortSignal): Promise<void>;
  /** A newer rollout of the environment takes the place of rollouts that still wait. */
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
          `Cannot answer ${id} as ${before === undefined ? 'there is no such approval' : whyOver(store, before)}`,
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
    async wait(approval, signal) {
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
        if (approval.environment !== environment || approval.subject.kind !== 'rollout') continue;
        store.approvals.close(approval.id);
        waiting.get(approval.id)?.reject(new AntlerError('releases/rejected', `Cannot go on as ${by} took its place`));
      }
    },
  };
}

/** Nobody refused it, and yet it is over: what asked for it has ended, and says why. */
function whyOver(store: Platform, { state, votes, subject }: ApprovalRow): string {
  if (state !== 'rejected' || votes.some(({ approve }) => !approve)) return `it is ${state} already`;
  switch (subject.kind) {
    case 'rollout':
      return `its rollout does not wait any more: ${store.rollouts.get(subject.rollout)?.reason ?? 'it has ended'}`;
    case 'job': {
      const row = store.runs.jobs(subject.run, subject.attempt).find(({ key }) => key === subject.job);
      return `${subject.job} of run ${subject.run} does not wait any more: ${row?.reason ?? 'it has ended'}`;
    }
    default:
      return subject satisfies never;
  }
}

/** What would go where the approval is given: the release, where it is known; the run, where a job waits. */
export function subjectOf(store: Platform, { subject }: ApprovalRow): { readonly release: string | null; readonly run: number | null } {
  switch (subject.kind) {
    case 'rollout': {
      const rollout = store.rollouts.get(subject.rollout);
      return { release: rollout === undefined ? null : releaseId(rollout.release), run: null };
    }
    case 'job': {
      const release = store.runs.get(subject.run)?.release;
      return { release: release === undefined ? null : releaseId(release), run: subject.run };
    }
    default:
      return subject satisfies never;
  }
}
