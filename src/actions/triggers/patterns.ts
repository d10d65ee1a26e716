/** A list of patterns as a whole: they count in order, `!` takes back, the last one that matches decides. */

import { matches, parseGlob } from './glob.ts';

/** Patterns were judged in reading: a wrong one matches nothing. */
export function listMatches(patterns: readonly string[], text: string): boolean {
  let matched = false;
  for (const pattern of patterns) {
    const negative = pattern.startsWith('!');
    if (negative !== matched) continue; // it could change nothing
    const glob = parseGlob(negative ? pattern.slice(1) : pattern);
    if (glob.kind === 'glob' && matches(glob.parts, text)) matched = !negative;
  }
  return matched;
}

export interface ListProblem {
  readonly message: string;
  /** GitHub takes it, and it never matches. */
  readonly warning?: true;
}

/** Why a list, or a pattern in it, can never match; undefined where it is fine. */
export function listProblem(patterns: readonly string[]): ListProblem | undefined {
  for (const pattern of patterns) {
    const glob = parseGlob(pattern.replace(/^!/, ''));
    if (glob.kind === 'wrong') return { message: `The pattern \`${pattern}\` is not right: ${glob.why}` };
  }
  if (patterns.length === 0 || !patterns.every((pattern) => pattern.startsWith('!'))) return undefined;
  return { message: 'Every pattern begins with `!`, so nothing ever matches: there is nothing to take back from', warning: true };
}
