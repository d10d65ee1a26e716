/** A workflow file as a tree that the official schema has judged: what the rest of the room walks. */

import type { Position } from '../model.ts';

export type Node =
  | { readonly kind: 'literal'; readonly value: string | number | boolean | null; readonly at: Position }
  | { readonly kind: 'expression'; readonly text: string; readonly at: Position }
  | { readonly kind: 'sequence'; readonly items: readonly Node[]; readonly at: Position }
  | MappingNode;

export interface MappingNode {
  readonly kind: 'mapping';
  /** The definition of GitHub's schema that this mapping matched: `run-step`. */
  readonly definition: string;
  readonly entries: readonly NodeEntry[];
  readonly at: Position;
}

export type NodeEntry =
  | { readonly kind: 'entry'; readonly key: string; readonly keyAt: Position; readonly value: Node }
  /** A key that is an expression: `${{ matrix.name }}: 1`. */
  | { readonly kind: 'computed'; readonly key: Node; readonly value: Node }
  | { readonly kind: 'insert'; readonly value: Node };

/** What is wrong, or worth a warning, and where. */
export interface Finding {
  readonly message: string;
  readonly at: Position;
  readonly hint?: string;
  /** It is only worth a warning. */
  readonly warning?: true;
}

export function entryOf(node: MappingNode, key: string): Extract<NodeEntry, { kind: 'entry' }> | undefined {
  return node.entries.find((entry) => entry.kind === 'entry' && entry.key === key) as Extract<NodeEntry, { kind: 'entry' }> | undefined;
}
