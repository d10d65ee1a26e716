/** An expression's text → its tree, parsed once: the official lexer and parser, with a hole mended. */

import { Binary, type Expr, FunctionCall, Grouping, IndexAccess, Logical, Unary } from '@actions/expressions/ast';
import { wellKnownFunctions } from '@actions/expressions/funcs';
import type { FunctionInfo } from '@actions/expressions/funcs/info';
import { Lexer, TokenType } from '@actions/expressions/lexer';
import { Parser } from '@actions/expressions/parser';

import type { ContextName } from '../model.ts';

export const CONTEXTS = [
  'github',
  'env',
  'job',
  'jobs',
  'steps',
  'matrix',
  'needs',
  'secrets',
  'vars',
  'inputs',
  'runner',
  'strategy',
] as const satisfies readonly ContextName[];

const STATUS = ['success', 'failure', 'cancelled', 'always'];

/** Where each may stand was judged in reading. */
export const FUNCTIONS: FunctionInfo[] = [
  ...STATUS.map((name) => ({ name, minArgs: 0, maxArgs: Number.MAX_SAFE_INTEGER })),
  { name: 'hashFiles', minArgs: 1, maxArgs: 255 },
];

export interface Compiled {
  readonly tree: Expr;
  /** It names success(), failure(), always() or cancelled(). */
  readonly asksStatus: boolean;
}

const KEPT = 1000;
const kept = new Map<string, Compiled>();

/** Throws what the official parser throws. */
export function compile(text: string): Compiled {
  const known = kept.get(text);
  if (known !== undefined) return known;
  Object.setPrototypeOf(wellKnownFunctions, null); // else `constructor()` is a function
  const { tokens } = new Lexer(text).lex();
  // The lexer undoubles the first `''` of a text only: a script with `${{ }}` and several quotes would break.
  for (const token of tokens) if (token.type === TokenType.STRING) token.value = token.lexeme.slice(1, -1).replaceAll("''", "'");
  const tree = new Parser(tokens, [...CONTEXTS], FUNCTIONS).parse();
  if (tree === undefined) throw new Error('The expression is empty');
  const compiled = { tree, asksStatus: asksStatus(tree) };
  if (kept.size >= KEPT) kept.clear();
  kept.set(text, compiled);
  return compiled;
}

function asksStatus(tree: Expr): boolean {
  if (tree instanceof FunctionCall)
    return STATUS.includes(tree.functionName.lexeme.toLowerCase()) || tree.args.some((argument) => asksStatus(argument));
  if (tree instanceof Binary) return asksStatus(tree.left) || asksStatus(tree.right);
  if (tree instanceof Unary) return asksStatus(tree.expr);
  if (tree instanceof Logical) return tree.args.some((argument) => asksStatus(argument));
  if (tree instanceof Grouping) return asksStatus(tree.group);
  return tree instanceof IndexAccess && (asksStatus(tree.expr) || asksStatus(tree.index));
}
