/** `antler run --list`: workflows, what starts them, their jobs. */

import type { Workflow } from '../../actions/local/local.ts';
import type { Context } from '../command.ts';
import { table } from '../table.ts';

export function listWorkflows(workflows: readonly Workflow[], { out, json }: Pick<Context, 'out' | 'json'>): void {
  const all = workflows.map(({ path, name, on, jobs }) => ({
    path,
    name,
    events: Object.entries(on).flatMap(([event, value]) => (value === undefined ? [] : [event])),
    jobs: jobs.map(({ id, needs }) => ({ id, needs })),
  }));
  if (json) return out.object({ workflows: all });
  const rows = all.flatMap(({ path, events, jobs }) => jobs.map(({ id, needs }) => [id, needs.join(', '), events.join(', '), path]));
  for (const line of table(rows, { paint: out.paint, head: ['job', 'needs', 'events', 'workflow'] })) out.line(line);
}
