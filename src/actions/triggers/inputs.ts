/** Inputs of workflow_dispatch: what was given → typed values, or every problem at once. */

import { AntlerError, type Problem } from '../../kit/errors.ts';
import { nearest } from '../../kit/nearest.ts';
import type { InputSpec } from '../model.ts';

export type InputValue = string | number | boolean;

/** Throws `actions/input`. What is absent is its default, else the type's empty value. */
export function checkInputs(specs: readonly InputSpec[], given: Readonly<Record<string, unknown>>): Readonly<Record<string, InputValue>> {
  const problems: Problem[] = [];
  const named = new Map(specs.map((spec) => [spec.name.toLowerCase(), spec]));
  const values = new Map<string, unknown>();
  for (const [name, value] of Object.entries(given)) {
    const spec = named.get(name.toLowerCase());
    if (spec === undefined) problems.push(unknown(name, specs));
    else values.set(spec.name, value);
  }
  const inputs = specs.flatMap((spec) => {
    const value = values.get(spec.name) ?? spec.default;
    if (spec.required && (value === undefined || value === '')) {
      problems.push({ at: spec.name, message: 'is required', ...(spec.description === undefined ? {} : { hint: spec.description }) });
      return [];
    }
    const typed = value === undefined ? emptyOf(spec) : typedValue(spec, value);
    if (typed === undefined) problems.push({ at: spec.name, message: `is ${JSON.stringify(value)}: needed is ${wantedOf(spec)}` });
    return typed === undefined ? [] : [[spec.name, typed] as const];
  });
  if (problems.length > 0) {
    const [first] = problems;
    throw new AntlerError('actions/input', `Cannot run the workflow as its input \`${first?.at}\` ${first?.message}`, { problems });
  }
  return Object.fromEntries(inputs);
}

function unknown(name: string, specs: readonly InputSpec[]): Problem {
  const names = specs.map((spec) => spec.name);
  const meant = nearest(name, names);
  const known = names.length === 0 ? 'the workflow takes none' : `inputs are ${names.join(', ')}`;
  return { at: name, message: `is no input: ${known}`, ...(meant === undefined ? {} : { hint: `Did you mean \`${meant}\`?` }) };
}

function typedValue({ type, options }: InputSpec, value: unknown): InputValue | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  switch (type) {
    case 'string':
    case 'environment':
      return String(value);
    case 'boolean':
      return { true: true, false: false }[String(value).toLowerCase()];
    case 'number': {
      const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
      return Number.isFinite(number) && typeof value !== 'boolean' ? number : undefined;
    }
    case 'choice':
      return options?.includes(String(value)) === true ? String(value) : undefined;
    default:
      return type satisfies never;
  }
}

function emptyOf({ type }: InputSpec): InputValue {
  if (type === 'boolean') return false;
  return type === 'number' ? 0 : '';
}

function wantedOf({ type, options = [] }: InputSpec): string {
  if (type === 'choice') return `one of ${options.join(', ')}`;
  return type === 'boolean' ? 'true or false' : `a ${type === 'number' ? 'number' : 'text'}`;
}
