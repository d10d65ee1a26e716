/** Turns what zod found into problems that a person can mend: key path, value, what is allowed, nearest valid key. */

import { closest, distance } from 'fastest-levenshtein';
import type { z } from 'zod';

import type { Problem } from '../kit/errors.ts';

type Path = readonly PropertyKey[];

/** What the schema would have allowed, for messages. */
export interface Guide {
  /** The keys at a path. */
  allowedKeys(path: Path): readonly string[];
  /** Why a key that is right elsewhere is wrong at a path. */
  misplaced(path: Path, key: string): string | undefined;
}

export function toProblems(issues: readonly z.core.$ZodIssue[], raw: unknown, guide: Guide): Problem[] {
  return issues.flatMap((issue) => toProblem(issue, raw, guide));
}

function toProblem(issue: z.core.$ZodIssue, raw: unknown, guide: Guide): Problem[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(issue.path, key, guide));
  if (issue.code === 'invalid_key')
    return [{ at: showPath(issue.path), message: `is not allowed as a name: needed is ${issue.issues[0]?.message ?? issue.message}` }];
  if (issue.code === 'invalid_union') {
    // The branch that got furthest is the one that the author meant: an object is never meant as the text form.
    const [deepest] = issue.errors.filter((branch) => branch.some(({ path }) => path.length > 0)).sort((a, b) => a.length - b.length);
    if (deepest !== undefined)
      return toProblems(
        deepest.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })),
        raw,
        guide,
      );
    const unknown = issue.errors.flat().find(({ code }) => code === 'unrecognized_keys');
    if (unknown !== undefined) return toProblem({ ...unknown, path: [...issue.path, ...unknown.path] }, raw, guide);
  }
  return [wrongValue(issue.path, valueAt(raw, issue.path), issue.message)];
}

export function wrongValue(path: Path, value: unknown, allowed: string): Problem {
  if (value === undefined) return { at: showPath(path), message: `is missing: needed is ${allowed}` };
  return { at: showPath(path), message: `is ${showValue(path, value)}: needed is ${allowed}` };
}

function unknownKey(path: Path, key: string, guide: Guide): Problem {
  const why = guide.misplaced(path, key);
  if (why !== undefined) return { at: showPath([...path, key]), message: why };
  const allowed = guide.allowedKeys(path);
  const keys = allowed.length === 0 ? 'no keys' : allowed.join(', ');
  const meant = nearest(key, allowed);
  const problem = { at: showPath([...path, key]), message: `is not a key of the config: allowed here are ${keys}` };
  return meant === undefined ? problem : { ...problem, hint: `Did you mean \`${meant}\`?` };
}

/** The word that was probably meant: two letters or a third of them may differ. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  if (words.length === 0 || word.length > 60) return undefined;
  const best = closest(word.toLowerCase(), words);
  return distance(word.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.ceil(best.length / 3)) ? best : undefined;
}

/** `services.backend.env["a b"]`; names that are too long or hold control characters are shown so that a terminal survives them. */
export function showPath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[A-Za-z_][\w-]*$/.test(String(part)) && String(part).length <= 60) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${clip(JSON.stringify(String(part)))}]`;
  }
  return text === '' ? 'antler.config.ts' : text;
}

/** Values of `env`, `args` and `content` may be secret: only their kind is shown. */
function showValue(path: Path, value: unknown): string {
  if (path.some((part) => part === 'env' || part === 'args' || part === 'content')) return `${article(value)} (not shown)`;
  return clip(JSON.stringify(value) ?? String(value));
}

function article(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

function clip(text: string): string {
  return text.length > 80 ? `${text.slice(0, 60)}… (${text.length} characters)` : text;
}

export function valueAt(raw: unknown, path: Path): unknown {
  let value = raw;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Readonly<Record<PropertyKey, unknown>>)[part];
  }
  return value;
}
