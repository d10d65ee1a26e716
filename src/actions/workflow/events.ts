/** `on:` → triggers, with what the schema does not know: filters that exclude each other, inputs whose default does not fit. */

import type { Filters, InputSpec, Triggers } from '../model.ts';
import { entryOf, type Finding, type MappingNode, type Node } from '../parser/node.ts';
import { listProblem } from '../triggers/patterns.ts';
import { supportOf } from './support.ts';
import { textOf, textsOf } from './template.ts';

/** GitHub's, where `types` is not there. */
const PULL_REQUEST_TYPES = ['opened', 'synchronize', 'reopened'];

export interface ReadEvents {
  readonly on: Triggers;
  readonly findings: readonly Finding[];
}

export function readEvents(node: Node): ReadEvents {
  const findings: Finding[] = [];
  if (node.kind !== 'mapping') {
    const items = node.kind === 'sequence' ? node.items : [node];
    const names = items.flatMap((item) => {
      const name = textOf(item) ?? '';
      if (name === '') return []; // the schema has complained
      const support = supportOf('on-mapping-strict', name);
      if (support.kind === 'refused') findings.push({ message: `\`${name}\` is not supported yet`, at: item.at });
      return name;
    });
    return { on: triggersOf((name) => (names.includes(name) ? 'plain' : undefined), findings), findings };
  }
  return { on: triggersOf((name) => entryOf(node, name)?.value, findings), findings };
}

function triggersOf(look: (name: string) => Node | 'plain' | undefined, findings: Finding[]): Triggers {
  const mapping = (name: string): MappingNode | undefined => {
    const value = look(name);
    return value !== 'plain' && value?.kind === 'mapping' ? value : undefined;
  };
  const types = textsOf(entryValue(mapping('pull_request'), 'types')) ?? PULL_REQUEST_TYPES;
  return {
    ...(look('push') === undefined ? {} : { push: filtersOf(mapping('push'), findings) }),
    ...(look('pull_request') === undefined ? {} : { pull_request: { ...filtersOf(mapping('pull_request'), findings), types } }),
    ...(look('workflow_dispatch') === undefined ? {} : { workflow_dispatch: { inputs: inputsOf(mapping('workflow_dispatch'), findings) } }),
  };
}

const FILTERS = {
  branches: 'branches',
  'branches-ignore': 'branchesIgnore',
  tags: 'tags',
  'tags-ignore': 'tagsIgnore',
  paths: 'paths',
  'paths-ignore': 'pathsIgnore',
} as const satisfies Record<string, keyof Filters>;

function filtersOf(node: MappingNode | undefined, findings: Finding[]): Filters {
  if (node === undefined) return {};
  for (const key of ['branches', 'tags', 'paths']) {
    const ignore = entryOf(node, `${key}-ignore`);
    if (ignore !== undefined && entryOf(node, key) !== undefined)
      findings.push({
        message: `\`${key}\` and \`${key}-ignore\` exclude each other for one event`,
        at: ignore.keyAt,
        hint: `Take back in \`${key}\` with patterns that begin with \`!\``,
      });
  }
  const entries = Object.entries(FILTERS).flatMap(([key, name]) => {
    const value = entryValue(node, key);
    const patterns = textsOf(value);
    if (value === undefined || patterns === undefined) return [];
    const wrong = listProblem(patterns);
    if (wrong !== undefined) findings.push({ ...wrong, at: value.at });
    return [[name, patterns] as const];
  });
  return Object.fromEntries(entries);
}

function inputsOf(node: MappingNode | undefined, findings: Finding[]): readonly InputSpec[] {
  const inputs = entryValue(node, 'inputs');
  if (inputs?.kind !== 'mapping') return [];
  return inputs.entries.flatMap((entry) => (entry.kind === 'entry' ? inputOf(entry.key, entry.value, findings) : []));
}

function inputOf(name: string, node: Node, findings: Finding[]): readonly InputSpec[] {
  if (node.kind !== 'mapping') return [{ name, type: 'string', required: false }];
  const type = (textOf(entryValue(node, 'type')) ?? 'string') as InputSpec['type'];
  const description = textOf(entryValue(node, 'description'));
  const options = textsOf(entryValue(node, 'options'));
  const preset = entryValue(node, 'default');
  const value = preset?.kind === 'literal' && preset.value !== null ? preset.value : undefined;
  if (type === 'choice' && (options ?? []).length === 0)
    findings.push({ message: `The input \`${name}\` is a choice without \`options\``, at: node.at });
  if (preset !== undefined && value !== undefined && !fits(type, value, options))
    findings.push({
      message: `The default \`${value}\` of the input \`${name}\` is no ${type === 'choice' ? 'option' : type}`,
      at: preset.at,
    });
  return [
    {
      name,
      type,
      required: textOf(entryValue(node, 'required')) === 'true',
      ...(description === undefined ? {} : { description }),
      ...(value === undefined ? {} : { default: value }),
      ...(options === undefined ? {} : { options }),
    },
  ];
}

function fits(type: InputSpec['type'], value: string | number | boolean, options: readonly string[] | undefined): boolean {
  switch (type) {
    case 'string':
    case 'environment':
      return true;
    case 'boolean':
      return typeof value === 'boolean' || value === 'true' || value === 'false';
    case 'number':
      return typeof value === 'number' || (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value)));
    case 'choice':
      return options === undefined || options.includes(String(value));
    default:
      return type satisfies never;
  }
}

function entryValue(node: MappingNode | undefined, key: string): Node | undefined {
  return node === undefined ? undefined : entryOf(node, key)?.value;
}
