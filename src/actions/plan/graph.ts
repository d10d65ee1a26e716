/** The jobs' graph: the order in which they can start, and what a job means for those above and below it. `needs` has no cycles: reading refuses them. */

import type { JobSpec } from '../model.ts';

/** Each after all that it needs; else as in the file. */
export function startOrder(jobs: readonly JobSpec[]): readonly JobSpec[] {
  const order = new Set<JobSpec>();
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const visit = (job: JobSpec): void => {
    if (order.has(job)) return;
    for (const id of job.needs) {
      const need = byId.get(id);
      if (need !== undefined) visit(need);
    }
    order.add(job);
  };
  for (const job of jobs) visit(job);
  return [...order];
}
