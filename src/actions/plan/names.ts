/** What a job is called in lists and logs, by GitHub's rules. */

import { toData } from '../expressions/data.ts';
import { evaluateText } from '../expressions/evaluate.ts';
import type { JobSpec, MatrixCell, Scope } from '../model.ts';

const MAX_LENGTH = 100;

/** Its `name`, else its id; a name that is no expression gets the cell's values: `build (18, linux)`. */
export function jobName(job: JobSpec, matrix: MatrixCell | undefined, scope: Scope): string {
  const given = job.name === undefined ? '' : evaluateText(job.name, scope).trim();
  const name = given === '' ? job.id : given;
  if (matrix === undefined || (given !== '' && job.name?.kind === 'expression')) return clip(name);
  const values = leaves(matrix);
  return clip(values.length === 0 ? name : `${name} (${values.join(', ')})`);
}

function leaves(value: unknown): readonly string[] {
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap((item) => leaves(item));
  const text = toData(value).coerceString();
  return text === '' ? [] : [text];
}

function clip(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH - 3)}...` : text;
}
