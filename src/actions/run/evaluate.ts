/** What the executor asks of templates: a key that is absent gives nothing. */

import { evaluate as evaluateThere, evaluateCondition, evaluateText as textThere } from '../expressions/evaluate.ts';
import type { Scope, Template } from '../model.ts';
import { textsOf } from './words.ts';

export function evaluate(template: Template | undefined, scope: Scope): unknown {
  return template === undefined ? undefined : evaluateThere(template, scope);
}

export function evaluateText(template: Template | undefined, scope: Scope): string | undefined {
  return template === undefined ? undefined : textThere(template, scope);
}

/** `env`, `with`, `outputs`: names and their texts. */
export function evaluateTexts(template: Template | undefined, scope: Scope): Record<string, string> {
  return textsOf(evaluate(template, scope));
}

export { evaluateCondition as conditionOf };
