/** What the official expression parser threw, as people can mend it: what is allowed there, and what was nearly meant. */

import { wellKnownFunctions } from '@actions/expressions/funcs';

import { nearest } from '../../kit/nearest.ts';

/** `allowed` as the schema words it: `github`, `hashFiles(1,255)`. */
export function explainExpression(error: unknown, allowed: readonly string[]): { readonly message: string; readonly hint?: string } {
  const text = error instanceof Error ? error.message : String(error);
  const [, what = text, word] = /^(.*?)(?:: '(.*)')?(?:\. Located at .*)?$/s.exec(text) ?? [];
  if (allowed.length === 0) return { message: 'An expression is not allowed here' };
  const contexts = allowed.filter((name) => !name.includes('('));
  const functions = [...allowed.filter((name) => name.includes('(')).map((name) => name.replace(/\(.*/, '')), ...functionNames()];
  switch (what) {
    case 'Unrecognized named-value':
      return { message: `The expression names \`${word}\`, which is no context here`, hint: hintOf(word, contexts) };
    case 'Unrecognized function':
      return { message: `The expression calls \`${word}\`, which is no function here`, hint: hintOf(word, functions) };
    case 'Unexpected symbol':
      return { message: `The expression has \`${word}\` where it is not expected` };
    case 'Unexpected end of expression':
      return { message: 'The expression ends too early' };
    case 'Too few parameters supplied':
    case 'Too many parameters supplied':
      return { message: `The expression gives \`${word}\` too ${what.includes('few') ? 'few' : 'many'} arguments` };
    case 'ErrorExceededMaxLength':
      return { message: 'The expression is longer than the 21000 characters that GitHub allows' };
    default:
      return { message: `The expression is not right: ${word === undefined ? what : `${what}: ${word}`}` };
  }
}

function functionNames(): readonly string[] {
  return Object.values(wellKnownFunctions).map(({ name }) => name);
}

function hintOf(word: string | undefined, allowed: readonly string[]): string {
  const meant = word === undefined ? undefined : nearest(word, allowed);
  return `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Allowed here: ${allowed.join(', ')}`;
}
