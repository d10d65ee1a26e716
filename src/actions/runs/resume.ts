/** What becomes of a run that a daemon which ended has left: it goes on where nothing was at work, else it is marked. Pure. */

import type { JobRow, RunRow } from '../../store/types.ts';
import type { JobResult } from '../types.ts';

export type Resume =
  | { readonly kind: 'go-on'; readonly before: ReadonlyMap<string, JobResult> }
  | { readonly kind: 'mark'; readonly reason: string; readonly jobs: readonly JobRow[] };

/** Jobs that waited (for an approval, for a place) have done nothing yet: they may begin. A job in the middle cannot be taken up again. */
export function decideResume(run: Pick<RunRow, 'id'>, jobs: readonly JobRow[]): Resume {
  if (!jobs.some(({ state }) => state === 'in_progress')) {
    const ended = jobs.filter(({ state }) => state === 'completed');
    return {
      kind: 'go-on',
      before: new Map(ended.map(({ key, conclusion, outputs }) => [key, { conclusion: conclusion ?? 'failure', outputs }])),
    };
  }
  const reason = 'the daemon ended in the middle of it';
  return {
    kind: 'mark',
    reason: `${reason}: type \`antler run rerun ${run.id} --failed\``,
    jobs: jobs
      .filter(({ state }) => state !== 'completed')
      .map((job) => ({
        ...job,
        state: 'completed',
        conclusion: job.state === 'in_progress' ? 'failure' : 'cancelled',
        reason,
      })),
  };
}
