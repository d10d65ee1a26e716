/** What an action is given: `with`, the defaults of its own file, and the INPUT_* variables. */

import { evaluateTexts } from './evaluate.ts';
import type { StepContext } from './job-state.ts';

/** Names in lower case: GitHub does not tell `Fetch-Depth` from `fetch-depth`. */
export function givenInputs({ spec, scope }: StepContext): Record<string, string> {
  return Object.fromEntries(Object.entries(evaluateTexts(spec.with, scope)).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Says which of those that are given nobody knows; they are not refused, as on GitHub. */
export async function sayUnknown(
  { job, number }: StepContext,
  given: Readonly<Record<string, string>>,
  known: readonly string[],
): Promise<void> {
  const lower = new Set(known.map((name) => name.toLowerCase()));
  const unknown = Object.keys(given).filter((name) => !lower.has(name));
  if (unknown.length === 0) return;
  const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
  await job.teller.line(number, { kind: 'warning', text: `Unexpected input(s) ${list(unknown)}, valid inputs are [${list(known)}]` });
}

export function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]));
}
