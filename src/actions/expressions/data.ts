/** Plain values ↔ the official package's data, with its holes mended: no key is lost to JavaScript's prototypes, `env` minds case as on Linux. */

import { Array as List } from '@actions/expressions/data/array';
import { BooleanData } from '@actions/expressions/data/boolean';
import { Dictionary } from '@actions/expressions/data/dictionary';
import { type ExpressionData, Kind } from '@actions/expressions/data/expressiondata';
import { Null } from '@actions/expressions/data/null';
import { NumberData } from '@actions/expressions/data/number';
import { StringData } from '@actions/expressions/data/string';
import { equals } from '@actions/expressions/result';

export function toData(value: unknown): ExpressionData {
  if (value === null || value === undefined) return new Null();
  if (typeof value === 'string') return new StringData(value);
  if (typeof value === 'number') return new NumberData(value);
  if (typeof value === 'boolean') return new BooleanData(value);
  if (Array.isArray(value)) return listOf(value.map((item) => toData(item)));
  if (typeof value === 'object') return dictionaryOf(Object.entries(value).map(([key, item]) => [key, toData(item)]));
  throw new TypeError(`Cannot hand a ${typeof value} to an expression as it is no plain data`);
}

export function fromData(data: ExpressionData): unknown {
  switch (data.kind) {
    case Kind.Null:
      return null;
    case Kind.String:
    case Kind.Number:
    case Kind.Boolean:
      return data.value;
    case Kind.Array:
      return data.values().map((item) => fromData(item));
    case Kind.Dictionary:
      return Object.fromEntries(data.pairs().map(({ key, value }) => [key, fromData(value)]));
    default:
      return data satisfies never;
  }
}

/** `new List(...items)` would spread thousands of items over the stack. */
export function listOf(items: readonly ExpressionData[]): List {
  const list = new List();
  for (const item of items) list.add(item);
  return list;
}

export function dictionaryOf(entries: readonly (readonly [string, ExpressionData])[]): Dictionary {
  const dictionary = new Dictionary();
  Object.setPrototypeOf((dictionary as unknown as { readonly indexMap: object }).indexMap, null); // else the key `constructor` counts as there
  for (const [key, value] of entries) dictionary.add(key, value);
  return dictionary;
}

/** The `env` context on Linux: `env.path` is not `env.PATH`. */
export function environmentOf(env: object): Dictionary {
  const known = new Map(Object.entries(env).map(([key, value]) => [key, toData(value)]));
  const dictionary = new Dictionary();
  return Object.assign(dictionary, {
    get: (key: string) => known.get(key),
    values: () => [...known.values()],
    pairs: () => [...known].map(([key, value]) => ({ key, value })),
  });
}

/** As `==` of expressions: `1` is `'1'`, case does not matter. */
export function looselyEqual(a: unknown, b: unknown): boolean {
  return equals(toData(a), toData(b));
}
