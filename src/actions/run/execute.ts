/** Runs a workflow: each job starts when the jobs that it needs have ended, and the run ends with the last one. */

import { AntlerError, hasCode, isAbort } from '../../kit/errors.ts';
import type { JobSpec, Scope, Template } from '../model.ts';
import type { Conclusion, ExecuteRequest, RunRecord, RunResult } from '../types.ts';
import { refuseOwnGroup } from './deadlock.ts';
import { evaluate, evaluateText } from './evaluate.ts';
import { githubContext } from './github.ts';
import { concurrencyOf } from './job-asks.ts';
import { over, queued, runNode, together, type NodeResult, type Run } from './node.ts';
import { errorText } from './words.ts';

/** Throws only where the host fails: what a workflow does wrong is told, and concludes as a failure. */
export async function execute(request: ExecuteRequest): Promise<RunResult> {
  const { workflow, host, signal } = request;
  const record = async (about: Omit<Extract<RunRecord, { kind: 'run' }>, 'kind' | 'at'>): Promise<void> =>
    host.record({ ...about, kind: 'run', at: Date.now() });
  const vars = await host.vars(undefined);
  const github = githubContext(request);
  const run: Run = { request, github, vars, signal, jobs: new Map() };
  const end = async (conclusion: RunResult['conclusion'], superseded?: unknown): Promise<RunResult> => {
    await record({ state: 'completed', conclusion });
    return { conclusion, jobs: run.jobs, ...(superseded === undefined ? {} : { reason: errorText(superseded) }) };
  };
  const scope: Scope = { contexts: { github, inputs: request.inputs, vars } };
  const name = nameOf(workflow.runName, scope);
  try {
    const asked = concurrencyOf(evaluate(workflow.concurrency, scope));
    if (asked !== undefined) await record({ state: 'queued', name });
    using lease = asked === undefined ? undefined : await host.enter(asked, signal);
    await record({ state: 'in_progress', name });
    const both = lease === undefined ? signal : AbortSignal.any([signal, lease.signal]);
    const inside = asked === undefined ? request : { ...request, host: refuseOwnGroup(host, asked.group) };
    const conclusion = together(await runGraph({ ...run, request: inside, signal: both }));
    return await end(conclusion, lease?.signal.aborted === true ? lease.signal.reason : undefined);
  } catch (error) {
    if (hasCode(error, 'actions/superseded')) return end('cancelled', error);
    if (signal.aborted && isAbort(error)) return end('cancelled');
    if (!hasCode(error, 'actions/expression')) throw error;
    await Promise.all(
      chosen(request).map(async (spec) => over({ run, spec, needs: new Map() }, { conclusion: 'failure', reason: errorText(error) })),
    );
    return end('failure');
  }
}

async function runGraph(run: Run): Promise<readonly Conclusion[]> {
  const jobs = chosen(run.request);
  // Those whose cells are known only later are told then.
  for (const spec of jobs) if (spec.strategy?.matrix === undefined) await queued({ run, spec, needs: new Map() });
  const results = new Map<string, Promise<NodeResult>>();
  const start = async (spec: JobSpec): Promise<NodeResult> => {
    const needs = await Promise.all(spec.needs.map(async (id) => [id, await resultOf(id)] as const));
    return runNode({ run, spec, needs: new Map(needs) });
  };
  const resultOf = async (id: string): Promise<NodeResult> => {
    const known = results.get(id);
    if (known !== undefined) return known;
    const spec = jobs.find((job) => job.id === id);
    if (spec === undefined) throw new AntlerError('internal/bug', `Cannot run the workflow as there is no job ${id}`);
    const result = start(spec);
    results.set(id, result);
    return result;
  };
  const all = await Promise.allSettled(jobs.map(async ({ id }) => resultOf(id)));
  return all.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value.result;
  });
}

/** The jobs that were asked for, and what they need; in the file's order. */
function chosen({ workflow: { jobs }, only }: ExecuteRequest): readonly JobSpec[] {
  if (only === undefined) return jobs;
  const wanted = new Set<string>();
  const add = (id: string): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const need of jobs.find((job) => job.id === id)?.needs ?? []) add(need);
  };
  for (const id of only) add(id);
  return jobs.filter(({ id }) => wanted.has(id));
}

function nameOf(template: Template | undefined, scope: Scope): string {
  try {
    return evaluateText(template, scope)?.trim() ?? '';
  } catch {
    return ''; // a name that cannot be made is no reason not to run
  }
}
