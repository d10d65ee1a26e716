/** Which jobs of a workflow an event would run, and why not: pure, before anything has run. What only a run can tell is said to be open. */

import { compile } from '../expressions/compile.ts';
import { evaluateCondition } from '../expressions/evaluate.ts';
import type { JobSpec, Scope, Template, Workflow } from '../model.ts';
import { startOrder } from '../plan/graph.ts';
import { expandMatrix } from '../plan/matrix.ts';
import { type Decision, triggers } from '../triggers/triggers.ts';
import type { TriggerEvent } from '../types.ts';

export interface Explained {
  readonly decision: Decision;
  /** In the order in which they can start; none where the workflow does not run. */
  readonly jobs: readonly ExplainedJob[];
}

export interface ExplainedJob {
  readonly id: string;
  readonly needs: readonly string[];
  readonly kind: 'runs' | 'skipped' | 'open';
  /** One for each cell of a matrix; its id where the cells are open. */
  readonly names: readonly string[];
  /** Why it is skipped or open. */
  readonly reason?: string;
}

/** `scope` has the github and inputs contexts. */
export function explain(workflow: Workflow, event: TriggerEvent, scope: Scope): Explained {
  const decision = triggers(workflow, event);
  if (decision.kind === 'skipped') return { decision, jobs: [] };
  const known = new Map<string, ExplainedJob>();
  for (const job of startOrder(workflow.jobs)) known.set(job.id, explainJob(job, known, scope));
  return { decision, jobs: [...known.values()] };
}

function explainJob(job: JobSpec, known: ReadonlyMap<string, ExplainedJob>, scope: Scope): ExplainedJob {
  const about = { id: job.id, needs: job.needs };
  const skipped = job.needs.find((id) => known.get(id)?.kind === 'skipped');
  const success = skipped === undefined;
  if (job.if !== undefined && asksRun(job.if)) {
    if (!success && !asksStatus(job.if))
      return { ...about, kind: 'skipped', names: [job.id], reason: `it needs ${skipped}, which is skipped` };
    return { ...about, ...cellsOf(job, scope), kind: 'open', reason: `its condition is known later: ${textOf(job.if)}` };
  }
  const holds = evaluateCondition(job.if, { ...scope, status: { success, failure: false, cancelled: false } });
  if (!holds) {
    const reason = success ? `its condition does not hold: ${textOf(job.if)}` : `it needs ${skipped}, which is skipped`;
    return { ...about, kind: 'skipped', names: [job.id], reason };
  }
  const open = job.needs.find((id) => known.get(id)?.kind === 'open');
  if (open !== undefined) return { ...about, ...cellsOf(job, scope), kind: 'open', reason: `it needs ${open}, which is open` };
  return { ...about, kind: 'runs', ...cellsOf(job, scope) };
}

function cellsOf(job: JobSpec, scope: Scope): { readonly names: readonly string[]; readonly reason?: string } {
  const later = [job.strategy?.matrix, job.strategy?.failFast, job.strategy?.maxParallel, job.name].find(
    (template) => template !== undefined && asksRun(template),
  );
  if (later !== undefined) return { names: [job.id], reason: 'its cells or its name are known later' };
  return { names: expandMatrix(job, scope).map(({ name }) => name) };
}

/** Names what only a run has: results of other jobs, and variables. */
function asksRun(template: Template): boolean {
  switch (template.kind) {
    case 'literal':
      return false;
    case 'expression':
      return /\b(?:needs|vars|secrets)\b/i.test(template.text.replaceAll(/'(?:[^']|'')*'/g, ''));
    case 'sequence':
      return template.items.some((item) => asksRun(item));
    case 'mapping':
      return template.entries.some((entry) => asksRun(entry.value) || (entry.kind === 'entry' && asksRun(entry.key)));
    default:
      return template satisfies never;
  }
}

function asksStatus(template: Template): boolean {
  return template.kind === 'expression' && compile(template.text).asksStatus;
}

function textOf(template: Template | undefined): string {
  if (template?.kind === 'expression') return template.text;
  return template?.kind === 'literal' ? String(template.value) : 'success()';
}
