/** Templates → values: expressions by the official package, GitHub's coercions, `insert`, and lists that are spliced in. */

import { AntlerError } from '../../kit/errors.ts';
import type { Position, Scope, Template } from '../model.ts';
import { fromData, toData } from './data.ts';
import { isScalar, runCondition, runExpression, statusOf } from './run.ts';

/** Plain data. Throws `actions/expression` with `at: LINE:COLUMN`. */
export function evaluate(template: Template, scope: Scope): unknown {
  switch (template.kind) {
    case 'literal':
      return template.value;
    case 'expression':
      return fromData(runExpression(template.text, template.at, scope));
    case 'sequence':
      return template.items.flatMap((item): unknown[] => {
        const value = evaluate(item, scope);
        // An expression that gives a list stands for the list's items.
        return item.kind === 'expression' && Array.isArray(value) ? value : [value];
      });
    case 'mapping':
      return Object.fromEntries(entriesOf(template, scope));
    default:
      return template satisfies never;
  }
}

/** As GitHub makes text of a value: null is empty, `1.0` is `1`. A list or an object is none. */
export function evaluateText(template: Template, scope: Scope): string {
  switch (template.kind) {
    case 'literal':
      return toData(template.value).coerceString();
    case 'expression': {
      const data = runExpression(template.text, template.at, scope);
      if (!isScalar(data))
        throw failed(template.at, `it gives ${data.coerceString() === 'Array' ? 'a list' : 'an object'} where text is needed`);
      return data.coerceString();
    }
    case 'sequence':
    case 'mapping':
      throw failed(template.at, 'text is needed here');
    default:
      return template satisfies never;
  }
}

/** The condition of a job or step; without one, success(). */
export function evaluateCondition(template: Template | undefined, scope: Scope): boolean {
  if (template === undefined) return statusOf(scope).success;
  switch (template.kind) {
    case 'expression':
      return runCondition(template.text, template.at, scope);
    case 'literal':
      return runCondition(String(template.value ?? '') === '' ? 'success()' : String(template.value), template.at, scope);
    case 'sequence':
    case 'mapping':
      throw failed(template.at, 'a condition is needed here');
    default:
      return template satisfies never;
  }
}

type Entries = [string, unknown][];

function entriesOf(template: Extract<Template, { kind: 'mapping' }>, scope: Scope): Entries {
  const entries: Entries = [];
  const seen = new Set<string>();
  const add = (key: string, value: unknown, at: Position): void => {
    if (seen.has(key.toLowerCase())) throw failed(at, `the key \`${key}\` is there twice`);
    seen.add(key.toLowerCase());
    entries.push([key, value]);
  };
  for (const entry of template.entries) {
    const { value: held } = entry;
    const value = evaluate(held, scope);
    if (entry.kind === 'entry') add(evaluateText(entry.key, scope), value, entry.key.at);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [key, item] of Object.entries(value)) add(key, item, held.at);
    else if (value !== null) throw failed(held.at, 'only an object can be inserted');
  }
  return entries;
}

function failed(at: Position, why: string): AntlerError {
  return new AntlerError('actions/expression', `Cannot evaluate the value as ${why}`, { at: `${at.line}:${at.column}` });
}
