/** What the official reader said, as people can mend it: the key or value, what is allowed there, what was nearly meant. */

import { ExpressionError } from '@actions/expressions/errors';
import type { Definition } from '@actions/workflow-parser/templates/schema/definition';
import type { DefinitionInfo } from '@actions/workflow-parser/templates/schema/definition-info';
import { DefinitionType } from '@actions/workflow-parser/templates/schema/definition-type';
import type { MappingDefinition } from '@actions/workflow-parser/templates/schema/mapping-definition';
import type { StringDefinition } from '@actions/workflow-parser/templates/schema/string-definition';
import { MappingToken, SequenceToken, type TemplateToken } from '@actions/workflow-parser/templates/tokens/index';

import { nearest } from '../../kit/nearest.ts';
import type { Position } from '../model.ts';
import { explainExpression } from './explain-expression.ts';
import type { Finding } from './node.ts';

/** What the official reader said, and about which token. */
export interface Complaint {
  readonly token: TemplateToken | undefined;
  readonly error: Error;
  readonly at: Position;
}

export function explain(complaints: readonly Complaint[], root: TemplateToken | undefined): Finding[] {
  const unknownIn = new Set<TemplateToken>();
  const findings: Finding[] = [];
  for (const complaint of complaints) {
    const { token, error, at } = complaint;
    const [, word] = /^Unexpected value '(.*)'$/s.exec(error.message) ?? [];
    if (word !== undefined && token !== undefined && root !== undefined) {
      const value = placeOf(root, token);
      const parent = value === undefined ? around(root, at) : undefined;
      if (parent !== undefined) unknownIn.add(parent);
      findings.push({ at, ...(parent === undefined ? wrongValue(word, value?.info) : unknownKey(word, parent)) });
      continue;
    }
    // The key that was not known has been told: what it would have meant is not told again.
    if (error.message.startsWith("There's not enough info") && token !== undefined && unknownIn.has(token)) continue;
    findings.push({ at, ...wording(complaint) });
  }
  return findings;
}

function wording({ token, error }: Complaint): { readonly message: string; readonly hint?: string } {
  const { message } = error;
  const is = (start: string): boolean => message.startsWith(start);
  const info = token?.definitionInfo;
  const needed = info === undefined ? '' : `: needed is ${shapeOf(info)}`;
  if (is('A sequence was not expected')) return { message: `A list is not allowed here${needed}` };
  if (is('A mapping was not expected')) return { message: `Keys are not allowed here${needed}` };
  if (is('Required property is missing: ')) return { message: `The key \`${message.slice(30)}\` is missing` };
  if (is("There's not enough info"))
    return {
      message: `A ${token?.definition?.key === 'job' ? 'job' : 'step'} needs one of these keys`,
      hint: message.replace(/^.*properties: /, ''),
    };
  if (is('A template expression is not allowed')) return { message: 'An expression is not allowed here' };
  if (is('The expression is not closed')) return { message: 'The expression is not closed: `}}` is missing' };
  if (is('An expression was expected')) return { message: 'The expression is empty' };
  if (message.endsWith('is already defined')) return { message: `The key ${message.replaceAll("'", '`')}: each may stand here once` };
  if (error instanceof ExpressionError || is('Unexpected symbol') || is('ErrorExceeded'))
    return explainExpression(error, info?.allowedContext ?? ['github']);
  if (error instanceof TypeError || is('Expected ')) return { message: 'The file is not shaped as a workflow is' };
  return { message };
}

/** Kinds of steps by the key that makes them, and the keys of the other kind. */
const APART: Readonly<Record<string, readonly [main: string, others: readonly string[]]>> = {
  'run-step': ['run', ['uses', 'with']],
  'regular-step': ['uses', ['run', 'shell', 'working-directory']],
};

function unknownKey(key: string, parent: MappingToken): { readonly message: string; readonly hint: string } {
  const keys = parent.definitionInfo === undefined ? [] : keysOf(parent.definitionInfo);
  const [main, others] = APART[parent.definition?.key ?? ''] ?? [];
  if (others?.includes(key) === true)
    return { message: `\`${key}\` does not go together with \`${main}\``, hint: `Allowed here: ${keys.join(', ')}` };
  return { message: `The key \`${key}\` is not known here`, hint: hintOf(key, keys) };
}

function wrongValue(value: string, info: DefinitionInfo | undefined): { readonly message: string; readonly hint?: string } {
  const shown = value === '' ? 'An empty value' : `The value \`${clip(value)}\``;
  if (info === undefined) return { message: `${shown} is not allowed here` };
  const words = constantsOf(info);
  if (words.length === 0) return { message: `${shown} is not allowed here: needed is ${shapeOf(info)}` };
  return { message: `${shown} is not known here`, hint: hintOf(value, words) };
}

function hintOf(word: string, allowed: readonly string[]): string {
  const meant = nearest(word, allowed);
  return `${meant === undefined ? '' : `Did you mean \`${meant}\`? `}Allowed here: ${allowed.join(', ')}`;
}

/** The token as a value in the tree, with what the schema wants there; undefined where it is a key. */
function placeOf(root: TemplateToken, token: TemplateToken): { readonly info: DefinitionInfo | undefined } | undefined {
  for (const parent of everyToken(root)) {
    if (parent instanceof MappingToken) {
      for (const { key, value } of parent) if (value === token) return { info: key.definitionInfo };
    } else if (parent instanceof SequenceToken) {
      for (const item of parent) if (item === token) return { info: itemInfo(parent) };
    }
  }
  return root === token ? { info: undefined } : undefined;
}

function itemInfo(sequence: SequenceToken): DefinitionInfo | undefined {
  const info = sequence.definitionInfo;
  const [definition] = info?.getDefinitionsOfType(DefinitionType.Sequence) ?? [];
  if (info === undefined || definition === undefined || !('itemType' in definition)) return undefined;
  const Info = info.constructor as new (parent: DefinitionInfo, name: string) => DefinitionInfo;
  return new Info(info, String(definition.itemType));
}

/** The innermost mapping whose text holds the place. */
function around(root: TemplateToken, at: Position): MappingToken | undefined {
  let best: MappingToken | undefined;
  for (const token of everyToken(root)) {
    if (token instanceof MappingToken && token.range !== undefined && before(token.range.start, at) && before(at, token.range.end))
      best = token;
  }
  return best;
}

function* everyToken(token: TemplateToken): Generator<TemplateToken> {
  yield token;
  if (token instanceof SequenceToken) for (const item of token) yield* everyToken(item);
  if (token instanceof MappingToken) for (const { value } of token) yield* everyToken(value);
}

function before(a: Position, b: Position): boolean {
  return a.line < b.line || (a.line === b.line && a.column <= b.column);
}

function keysOf(info: DefinitionInfo): readonly string[] {
  const mappings = info.getDefinitionsOfType(DefinitionType.Mapping) as MappingDefinition[];
  return [...new Set(mappings.flatMap(({ properties }) => Object.keys(properties)))];
}

function constantsOf(info: DefinitionInfo): readonly string[] {
  const strings = info.getScalarDefinitions().filter((definition) => isString(definition));
  if (strings.some(({ constant }) => constant === '')) return [];
  return [...new Set(strings.map(({ constant }) => constant))];
}

function shapeOf(info: DefinitionInfo): string {
  const shapes = info.getScalarDefinitions().map((definition) => {
    if (isString(definition)) return definition.constant === '' ? 'text' : `\`${definition.constant}\``;
    return { [DefinitionType.Null]: 'nothing', [DefinitionType.Boolean]: 'true or false', [DefinitionType.Number]: 'a number' }[
      definition.definitionType as number
    ];
  });
  if (info.getDefinitionsOfType(DefinitionType.Sequence).length > 0) shapes.push('a list');
  if (info.getDefinitionsOfType(DefinitionType.Mapping).length > 0) shapes.push('keys with values');
  return [...new Set(shapes)].join(' or ');
}

function isString(definition: Definition): definition is StringDefinition {
  return definition.definitionType === DefinitionType.String;
}

function clip(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
