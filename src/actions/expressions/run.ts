/** One expression in its scope → the official package's data. */

import type { Dictionary } from '@actions/expressions/data/dictionary';
import { type ExpressionData, Kind } from '@actions/expressions/data/expressiondata';
import { Evaluator } from '@actions/expressions/evaluator';
import type { FunctionDefinition } from '@actions/expressions/funcs/info';
import { falsy } from '@actions/expressions/result';

import { AntlerError } from '../../kit/errors.ts';
import type { ContextName, Position, Scope } from '../model.ts';
import { type Compiled, compile, CONTEXTS } from './compile.ts';
import { dictionaryOf, environmentOf, toData } from './data.ts';

/** Throws `actions/expression` with `at: LINE:COLUMN`. */
export function runExpression(text: string, at: Position, scope: Scope): ExpressionData {
  return withPosition(at, () => runCompiled(compile(text), scope));
}

/** GitHub's rule: a condition that does not ask for the status is `success() && (…)`. */
export function runCondition(text: string, at: Position, scope: Scope): boolean {
  return withPosition(at, () => {
    const compiled = compile(text);
    if (!compiled.asksStatus && !statusOf(scope).success) return false;
    return !falsy(runCompiled(compiled, scope));
  });
}

export function statusOf({ status }: Scope): NonNullable<Scope['status']> {
  if (status === undefined) throw new Error('success(), failure(), always() and cancelled() are not available here');
  return status;
}

export function withPosition<T>(at: Position, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AntlerError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new AntlerError('actions/expression', `Cannot evaluate the expression as: ${why}`, {
      at: `${at.line}:${at.column}`,
      cause: error,
    });
  }
}

function runCompiled({ tree }: Compiled, scope: Scope): ExpressionData {
  return new Evaluator(tree, contextsOf(scope), functionsOf(scope)).evaluate();
}

/** Every context is there, if only empty: the official evaluator crashes where one is missing. Each is converted when it is named. */
function contextsOf({ contexts }: Scope): Dictionary {
  const names = new Map(CONTEXTS.map((name) => [name.toLowerCase(), name]));
  const look = (name: ContextName | undefined): ExpressionData | undefined => {
    if (name === undefined) return undefined;
    const value = contexts[name] ?? {};
    return name === 'env' && typeof value === 'object' ? environmentOf(value) : toData(value);
  };
  return Object.assign(dictionaryOf([]), { get: (key: string) => look(names.get(key.toLowerCase())) });
}

function functionsOf(scope: Scope): Map<string, FunctionDefinition> {
  const of = (name: string, call: (...values: ExpressionData[]) => ExpressionData): [string, FunctionDefinition] => [
    name.toLowerCase(),
    { name, minArgs: 0, maxArgs: 255, call },
  ];
  return new Map([
    of('success', () => toData(statusOf(scope).success)),
    of('failure', () => toData(statusOf(scope).failure)),
    of('cancelled', () => toData(statusOf(scope).cancelled)),
    of('always', () => toData(true)),
    of('hashFiles', (...patterns) => {
      if (scope.hashFiles === undefined) throw new Error('hashFiles() is not available here');
      return toData(scope.hashFiles(patterns.map((pattern) => pattern.coerceString())));
    }),
    of('fromJSON', (value) => parseJson(value)),
  ]);
}

/** As the package’s own, but it says what is wrong, and keeps keys like `constructor`. */
function parseJson(value: ExpressionData | undefined): ExpressionData {
  const text = value?.coerceString() ?? '';
  if (text.trim() === '') throw new Error('fromJSON() got an empty text');
  try {
    return toData(JSON.parse(text));
  } catch (error) {
    // Node quotes the text around the place: it may be a part of a secret, which nobody would know again to mask it.
    const why = error instanceof Error ? error.message.replace(/, (?:\.\.\.)?".*/s, '') : 'it is not right';
    throw new Error(`fromJSON() got no JSON: ${why}`, { cause: error });
  }
}

export function isScalar(data: ExpressionData): boolean {
  return data.kind !== Kind.Array && data.kind !== Kind.Dictionary;
}
