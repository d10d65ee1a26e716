/** The official tokens → our nodes, with the text of `if` checked as the expression that it is. */

import { ExpressionError } from '@actions/expressions/errors';
import {
  BasicExpressionToken,
  BooleanToken,
  ExpressionToken,
  InsertExpressionToken,
  type KeyValuePair,
  MappingToken,
  NumberToken,
  SequenceToken,
  StringToken,
  type TemplateToken,
} from '@actions/workflow-parser/templates/tokens/index';

import type { Position } from '../model.ts';
import { explainExpression } from './explain-expression.ts';
import type { Finding, Node, NodeEntry } from './node.ts';

/** GitHub's limit, also for what `format('…')` becomes. */
const MAX_EXPRESSION = 21_000;

/** Keys whose text is an expression without `${{ }}`. */
const CONDITIONS = new Set(['job-if', 'step-if', 'snapshot-if', 'runs-if']);

export interface Converted {
  readonly node: Node;
  readonly findings: readonly Finding[];
}

export function convert(root: TemplateToken): Converted {
  const findings: Finding[] = [];
  return { node: nodeOf(root, findings), findings };
}

function nodeOf(token: TemplateToken, findings: Finding[]): Node {
  const at = positionOf(token);
  if (token instanceof MappingToken) {
    return {
      kind: 'mapping',
      definition: token.definition?.key ?? '',
      entries: [...token].map((pair: KeyValuePair) => entryOf(pair, findings)),
      at,
    };
  }
  if (token instanceof SequenceToken) return { kind: 'sequence', items: [...token].map((item) => nodeOf(item, findings)), at };
  if (token instanceof BasicExpressionToken) {
    if (token.expression.length > MAX_EXPRESSION)
      findings.push({
        message: `The text with its expressions is longer than the ${MAX_EXPRESSION} characters that GitHub allows`,
        at,
        hint: 'Hand the values in by `env:` and take the expressions out of the text',
      });
    return { kind: 'expression', text: token.expression, at };
  }
  if (token instanceof StringToken || token instanceof NumberToken || token instanceof BooleanToken)
    return { kind: 'literal', value: token.value, at };
  return { kind: 'literal', value: null, at };
}

function entryOf(pair: KeyValuePair, findings: Finding[]): NodeEntry {
  const { key } = pair;
  if (key instanceof InsertExpressionToken) return { kind: 'insert', value: nodeOf(pair.value, findings) };
  if (key instanceof BasicExpressionToken) return { kind: 'computed', key: nodeOf(key, findings), value: nodeOf(pair.value, findings) };
  const isCondition = CONDITIONS.has(key.definition?.key ?? '');
  const value = isCondition ? conditionOf(pair.value, findings) : nodeOf(pair.value, findings);
  return { kind: 'entry', key: key.toString(), keyAt: positionOf(key), value };
}

function conditionOf(token: TemplateToken, findings: Finding[]): Node {
  if (token instanceof BasicExpressionToken && token.originalExpressions !== undefined)
    findings.push({
      message: 'This condition is always true, because text stands beside `${{ }}`',
      at: positionOf(token),
      hint: 'Put the whole condition into one `${{ }}`, or leave it out',
      warning: true,
    });
  if (!(token instanceof StringToken)) return nodeOf(token, findings);
  const text = token.value.trim();
  const at = positionOf(token);
  if (text === '' || text.includes('${{')) return { kind: 'literal', value: text, at }; // empty, or it was complained about
  const allowed = token.definitionInfo?.allowedContext ?? [];
  try {
    ExpressionToken.validateExpression(text, allowed);
  } catch (error) {
    findings.push({ ...explainExpression(error, allowed), at: within(token, error) });
  }
  return { kind: 'expression', text, at };
}

/** Exact for text on one line; the value's begin elsewhere. */
function within(token: StringToken, error: unknown): Position {
  const at = positionOf(token);
  if (token.range === undefined || token.range.start.line !== token.range.end.line || !(error instanceof ExpressionError)) return at;
  const quote = (token.source ?? '').indexOf(token.value.trim());
  return { line: at.line, column: at.column + Math.max(0, quote) + error.pos.column };
}

function positionOf(token: TemplateToken): Position {
  return { line: token.line ?? 1, column: token.col ?? 1 };
}
