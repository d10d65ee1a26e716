/** One job of the workflow in its place in the graph: whether it runs, its cells, and what it gives those that need it. */

import type { JobSpec, Scope } from '../model.ts';
import { expandMatrix, type Cell } from '../plan/matrix.ts';
import type { Conclusion, ExecuteRequest, JobRecord, JobResult } from '../types.ts';
import { conditionOf, evaluate } from './evaluate.ts';
import type { NeedResult } from './job-state.ts';
import { runJob } from './job.ts';
import { cancelText, errorText, isTrue, textOf } from './words.ts';

export interface Run {
  readonly request: ExecuteRequest;
  readonly github: Readonly<Record<string, unknown>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly jobs: Map<string, JobResult>;
}

export interface NodeResult extends NeedResult {
  /** Of this job and of all that it needs, directly or not: what success() and failure() of a later job ask for. */
  readonly reached: ReadonlyMap<string, Conclusion>;
}

export interface Node {
  readonly run: Run;
  readonly spec: JobSpec;
  readonly needs: ReadonlyMap<string, NodeResult>;
}

export async function runNode(node: Node): Promise<NodeResult> {
  const { spec, needs } = node;
  const above = new Map([...needs.values()].flatMap(({ reached }) => [...reached]));
  const cells = await cellResults(node, above);
  const conclusions = cells.map(({ counts }) => counts);
  const result = together(conclusions);
  const outputs: Record<string, string> = {};
  // Cells end in any order; the last one that says something is heard, as on GitHub.
  for (const cell of cells.toSorted((a, b) => a.order - b.order)) Object.assign(outputs, cell.result.outputs);
  return { result, outputs, reached: new Map([...above, [spec.id, result]]) };
}

const NEVER = new AbortController().signal;
const NO_CELL = { matrix: undefined, strategy: { 'fail-fast': true, 'job-index': 0, 'job-total': 1, 'max-parallel': 1 } } as const;

interface CellResult {
  readonly result: JobResult;
  /** `continue-on-error`: a failure that counts as none. */
  readonly counts: Conclusion;
  readonly order: number;
}

async function cellResults(node: Node, above: ReadonlyMap<string, Conclusion>): Promise<readonly CellResult[]> {
  const { run, spec } = node;
  const scope = scopeOf(node, above);
  // An earlier attempt of a job without cells: whether it runs was decided then.
  const known = run.request.before?.get(spec.id);
  if (known !== undefined) return [await runCell({ node, scope, cell: { ...NO_CELL, key: spec.id, name: spec.id }, stop: NEVER })];
  try {
    if (!conditionOf(spec.if, scope)) {
      const cancelled = run.signal.aborted;
      return [
        await over(
          node,
          cancelled
            ? { conclusion: 'cancelled', reason: cancelText(run.signal.reason) }
            : { conclusion: 'skipped', reason: whyNot(node, above) },
        ),
      ];
    }
    const cells = expandMatrix(spec, scope).filter((cell) => isWanted(cell, run.request.matrix));
    return await runCells(node, scope, cells);
  } catch (error) {
    return [await over(node, { conclusion: 'failure', reason: errorText(error) })];
  }
}

/** `--matrix node:24`. */
function isWanted({ matrix }: Cell, filter: ExecuteRequest['matrix']): boolean {
  return matrix === undefined || Object.entries(filter ?? {}).every(([key, wanted]) => textOf(matrix[key]) === wanted);
}

async function runCells(node: Node, scope: Scope, cells: readonly Cell[]): Promise<readonly CellResult[]> {
  const stop = new AbortController();
  // A job without a matrix was told before: it was known from the start.
  for (const cell of cells) if (cell.matrix !== undefined) await queued(node, cell);
  const waiting = [...cells];
  const results: CellResult[] = [];
  const worker = async (): Promise<void> => {
    for (let cell = waiting.shift(); cell !== undefined; cell = waiting.shift()) {
      const result = await runCell({ node, scope, cell, stop: stop.signal });
      results.push(result);
      if (cell.strategy['fail-fast'] && result.counts === 'failure' && !stop.signal.aborted)
        stop.abort(`It was cancelled as ${cell.name} failed (fail-fast)`);
    }
  };
  const [first] = cells;
  await Promise.all(Array.from({ length: first?.strategy['max-parallel'] ?? 0 }, async () => worker()));
  return results;
}

interface CellRun {
  readonly node: Node;
  readonly scope: Scope;
  readonly cell: Cell;
  /** `fail-fast`. */
  readonly stop: AbortSignal;
}

let order = 0;

async function runCell({ node, scope: outer, cell, stop }: CellRun): Promise<CellResult> {
  const { run, spec } = node;
  const { key, name, matrix, strategy } = cell;
  const scope: Scope = { ...outer, contexts: { ...outer.contexts, matrix: matrix ?? {}, strategy } };
  const counted = (result: JobResult): CellResult => {
    run.jobs.set(key, result);
    const forgiven = result.conclusion === 'failure' && isTrue(evaluate(spec.continueOnError, scope));
    return { result, counts: forgiven ? 'success' : result.conclusion, order: ++order };
  };
  const known = run.request.before?.get(key);
  if (known !== undefined) return counted(known);
  // It may have waited for its turn.
  if (stop.aborted) return over(node, { conclusion: 'cancelled', reason: cancelText(stop.reason) }, cell);
  const late = run.signal.aborted;
  if (late && !conditionOf(spec.if, { ...outer, status: { success: false, failure: false, cancelled: true } })) {
    return over(node, { conclusion: 'cancelled', reason: cancelText(run.signal.reason) }, cell);
  }
  const result = await runJob({
    request: run.request,
    spec,
    id: spec.id,
    key,
    name,
    matrix,
    strategy,
    needs: needsOf(node),
    github: run.github,
    vars: run.vars,
    scope,
    // What runs although the run is cancelled (`if: always()`) is not cancelled at once again.
    signal: late ? stop : AbortSignal.any([run.signal, stop]),
  });
  return counted(result);
}

type Told = Pick<Cell, 'key' | 'name' | 'matrix'>;

export async function queued(node: Node, told?: Told): Promise<void> {
  await tell(node, { state: 'queued' }, told);
}

/** The job ends before it begins. */
export async function over(
  node: Node,
  { conclusion, reason }: { readonly conclusion: Conclusion; readonly reason: string },
  told?: Told,
): Promise<CellResult> {
  await tell(node, { state: 'completed', conclusion, outputs: {}, reason }, told);
  const result = { conclusion, outputs: {} };
  node.run.jobs.set(told?.key ?? node.spec.id, result);
  return { result, counts: conclusion, order: ++order };
}

async function tell(
  { run, spec }: Node,
  about: Pick<JobRecord, 'state' | 'conclusion' | 'outputs' | 'reason'>,
  told?: Told,
): Promise<void> {
  const { key, name, matrix } = told ?? { key: spec.id, name: plainName(spec), matrix: undefined };
  const cell = matrix === undefined ? {} : { matrix };
  await run.request.host.record({ ...about, kind: 'job', at: Date.now(), key, id: spec.id, name, needs: spec.needs, ...cell });
}

/** Before its expressions can be evaluated. */
function plainName({ id, name }: JobSpec): string {
  return name?.kind === 'literal' ? String(name.value) : id;
}

function scopeOf(node: Node, above: ReadonlyMap<string, Conclusion>): Scope {
  const { run } = node;
  const results = [...above.values()];
  const cancelled = run.signal.aborted;
  return {
    contexts: { github: run.github, inputs: run.request.inputs, vars: run.vars, needs: needsOf(node) },
    status: {
      success: !cancelled && results.every((result) => result === 'success'),
      failure: !cancelled && results.includes('failure'),
      cancelled,
    },
  };
}

function needsOf({ needs }: Node): Record<string, NeedResult> {
  return Object.fromEntries([...needs].map(([id, { result, outputs }]) => [id, { result, outputs }]));
}

function whyNot({ spec }: Node, above: ReadonlyMap<string, Conclusion>): string {
  const [id, result] = [...above].find(([, one]) => one !== 'success') ?? [];
  if (id !== undefined) return `${id} ${WORDS[result ?? 'skipped']}`;
  return spec.if?.kind === 'expression' ? `Its condition does not hold: ${spec.if.text}` : 'Its condition does not hold';
}

const WORDS: Readonly<Record<Conclusion, string>> = {
  success: 'succeeded',
  failure: 'failed',
  cancelled: 'was cancelled',
  skipped: 'was skipped',
};

/** Several as one. */
export function together(all: readonly Conclusion[]): Conclusion {
  for (const one of ['failure', 'cancelled', 'success'] as const) if (all.includes(one)) return one;
  return 'skipped';
}
