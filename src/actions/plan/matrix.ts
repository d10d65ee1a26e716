/** A job's matrix → its cells, as GitHub multiplies, excludes and includes; also where the matrix comes out of an expression. */

import { AntlerError } from '../../kit/errors.ts';
import { looselyEqual } from '../expressions/data.ts';
import { evaluate } from '../expressions/evaluate.ts';
import type { JobSpec, MatrixCell, Position, Scope, Template } from '../model.ts';
import { jobName } from './names.ts';

/** GitHub's. */
const MAX_CELLS = 256;

export interface Cell {
  /** Unique in the run: the job's id, or `id (1)` for a cell of a matrix. */
  readonly key: string;
  /** As people read it: `build (18, linux)`. */
  readonly name: string;
  /** Undefined where the job has no matrix. */
  readonly matrix: MatrixCell | undefined;
  /** The `strategy` context. */
  readonly strategy: StrategyContext;
}

export interface StrategyContext {
  readonly 'fail-fast': boolean;
  readonly 'job-index': number;
  readonly 'job-total': number;
  readonly 'max-parallel': number;
}

/** `scope` has what a job's `strategy` may name: github, inputs, vars, needs. Throws `actions/expression`. */
export function expandMatrix(job: JobSpec, scope: Scope): readonly Cell[] {
  const at = job.strategy?.matrix?.at ?? job.at;
  const value = job.strategy?.matrix === undefined ? null : evaluate(job.strategy.matrix, scope);
  const cells = value === null ? [undefined] : cellsOf(value, at);
  const failFast = optional(job.strategy?.failFast, scope);
  const maxParallel = parallelOf(job, scope, cells.length);
  return cells.map((matrix, index) => {
    const strategy = {
      'fail-fast': failFast === undefined || failFast === true || failFast === 'true',
      'job-index': index,
      'job-total': cells.length,
      'max-parallel': maxParallel,
    };
    const inCell: Scope = { ...scope, contexts: { ...scope.contexts, matrix: matrix ?? {}, strategy } };
    return { key: matrix === undefined ? job.id : `${job.id} (${index + 1})`, name: jobName(job, matrix, inCell), matrix, strategy };
  });
}

function cellsOf(value: unknown, at: Position): readonly MatrixCell[] {
  if (!isObject(value)) throw wrong(at, 'a matrix needs keys with lists');
  const { include, exclude, ...vectors } = value;
  const product = multiply(vectors, at);
  const kept = withoutExcluded(product, { vectors, excludes: objectsOf(exclude, 'exclude', at), at });
  const cells = withIncluded(kept, objectsOf(include, 'include', at));
  if (cells.length === 0) throw wrong(at, Object.keys(vectors).length === 0 ? 'it has no values' : '`exclude` leaves nothing');
  if (cells.length > MAX_CELLS) throw tooMany(at);
  return cells;
}

type Vectors = Readonly<Record<string, unknown>>;

/** The first key varies slowest. */
function multiply(vectors: Vectors, at: Position): readonly MatrixCell[] {
  const names = Object.keys(vectors);
  if (names.length === 0) return [];
  let cells: readonly MatrixCell[] = [{}];
  for (const name of names) {
    const values = vectors[name];
    if (!Array.isArray(values)) throw wrong(at, `\`${name}\` is no list`);
    if (values.length === 0) throw wrong(at, `\`${name}\` has no values`);
    if (cells.length * values.length > MAX_CELLS * MAX_CELLS) throw tooMany(at); // before memory is full: `exclude` may still make it fit
    cells = cells.flatMap((cell) => values.map((item: unknown) => ({ ...cell, [name]: item })));
  }
  return cells;
}

interface Excluding {
  readonly vectors: Vectors;
  readonly excludes: readonly MatrixCell[];
  readonly at: Position;
}

function withoutExcluded(cells: readonly MatrixCell[], { vectors, excludes, at }: Excluding): readonly MatrixCell[] {
  for (const key of excludes.flatMap((exclude) => Object.keys(exclude)))
    if (!Object.hasOwn(vectors, key)) throw wrong(at, `\`exclude\` names \`${key}\`, which is no key of the matrix`);
  return cells.filter((cell) => !excludes.some((exclude) => Object.entries(exclude).every(([key, value]) => holds(cell[key], value))));
}

/** Adds to each original cell whose own values it leaves as they are; where there is none, it is a cell of its own. */
function withIncluded(originals: readonly MatrixCell[], includes: readonly MatrixCell[]): readonly MatrixCell[] {
  const cells = originals.map((original) => ({ original, cell: original }));
  const added: MatrixCell[] = [];
  for (const include of includes) {
    let fits = false;
    for (const entry of cells) {
      const { original } = entry;
      if (!Object.entries(include).every(([key, value]) => !Object.hasOwn(original, key) || holds(original[key], value))) continue;
      fits = true;
      entry.cell = { ...entry.cell, ...include, ...original };
    }
    if (!fits) added.push(include);
  }
  return [...cells.map(({ cell }) => cell), ...added];
}

/** A pattern may name a part of an object; plain values are compared as `==` does. */
function holds(value: unknown, pattern: unknown): boolean {
  if (Array.isArray(pattern))
    return Array.isArray(value) && value.length === pattern.length && pattern.every((item, index) => holds(value[index], item));
  if (isObject(pattern)) return isObject(value) && Object.entries(pattern).every(([key, item]) => holds(value[key], item));
  return !isObject(value) && !Array.isArray(value) && looselyEqual(value, pattern);
}

function objectsOf(value: unknown, key: string, at: Position): readonly MatrixCell[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((item) => isObject(item))) throw wrong(at, `\`${key}\` is no list of objects`);
  return value;
}

function parallelOf(job: JobSpec, scope: Scope, total: number): number {
  const value = optional(job.strategy?.maxParallel, scope);
  if (value === undefined) return total;
  const limit = Number(value);
  if (!Number.isInteger(limit) || limit < 1)
    throw wrong(job.strategy?.maxParallel?.at ?? job.at, '`max-parallel` is no whole number from 1');
  return limit;
}

/** `strategy: ${{ … }}` may lack a key: null is as if it were not there. */
function optional(template: Template | undefined, scope: Scope): unknown {
  return template === undefined ? undefined : (evaluate(template, scope) ?? undefined);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(at: Position, why: string): AntlerError {
  return new AntlerError('actions/expression', `Cannot make the matrix as ${why}`, { at: `${at.line}:${at.column}` });
}

function tooMany(at: Position): AntlerError {
  return wrong(at, `it has more than ${MAX_CELLS} cells`);
}
