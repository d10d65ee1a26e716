/** Nodes of a workflow file → templates, the plain data that is evaluated later. */

import type { Template, TemplateEntry } from '../model.ts';
import { entryOf, type MappingNode, type Node, type NodeEntry } from '../parser/node.ts';

export function templateOf(node: Node): Template {
  switch (node.kind) {
    case 'literal':
      return { kind: 'literal', value: node.value, at: node.at };
    case 'expression':
      return { kind: 'expression', text: node.text, at: node.at };
    case 'sequence':
      return { kind: 'sequence', items: node.items.map((item) => templateOf(item)), at: node.at };
    case 'mapping':
      return { kind: 'mapping', entries: node.entries.map((entry) => templateEntry(entry)), at: node.at };
    default:
      return node satisfies never;
  }
}

function templateEntry(entry: NodeEntry): TemplateEntry {
  const value = templateOf(entry.value);
  switch (entry.kind) {
    case 'entry':
      return { kind: 'entry', key: { kind: 'literal', value: entry.key, at: entry.keyAt }, value };
    case 'computed':
      return { kind: 'entry', key: templateOf(entry.key), value };
    case 'insert':
      return { kind: 'insert', value };
    default:
      return entry satisfies never;
  }
}

/** `{[name]: template}` where the key is there; what is written with its name as the model has it. */
export function field<Name extends string>(node: MappingNode, key: string, name: Name): { readonly [Key in Name]?: Template } {
  const entry = entryOf(node, key);
  return entry === undefined ? {} : ({ [name]: templateOf(entry.value) } as { readonly [Key in Name]?: Template });
}

/** The same below a value that may be one expression for the whole: `strategy: ${{ fromJSON(…) }}` gives `(fromJSON(…))['matrix']`. */
export function member<Name extends string>(node: Node | undefined, key: string, name: Name): { readonly [Key in Name]?: Template } {
  if (node?.kind === 'mapping') return field(node, key, name);
  if (node?.kind !== 'expression') return {};
  const template: Template = { kind: 'expression', text: `(${node.text})['${key}']`, at: node.at };
  return { [name]: template } as { readonly [Key in Name]?: Template };
}

/** The plain text of a literal; undefined for anything else. */
export function textOf(node: Node | undefined): string | undefined {
  return node?.kind === 'literal' && node.value !== null ? String(node.value) : undefined;
}

/** One text or a list of them. */
export function textsOf(node: Node | undefined): readonly string[] | undefined {
  if (node === undefined) return undefined;
  const items = node.kind === 'sequence' ? node.items : [node];
  return items.flatMap((item) => textOf(item) ?? []);
}
