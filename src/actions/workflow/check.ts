/** Walks what the schema let through and finds what we do not run yet: each key and value, with its place. */

import type { Finding, MappingNode, Node } from '../parser/node.ts';
import { supportOf } from './support.ts';
import { checkInputsOf } from './uses.ts';
import { checkValue } from './values.ts';

export function checkSupport(node: Node): Finding[] {
  switch (node.kind) {
    case 'literal':
    case 'expression':
      return [];
    case 'sequence':
      return node.items.flatMap((item) => checkSupport(item));
    case 'mapping':
      return checkMapping(node);
    default:
      return node satisfies never;
  }
}

function checkMapping(node: MappingNode): Finding[] {
  const inputs = node.definition === 'regular-step' ? checkInputsOf(node) : [];
  const found = node.entries.flatMap((entry) => {
    if (entry.kind !== 'entry') return checkSupport(entry.value);
    const support = supportOf(node.definition, entry.key);
    switch (support.kind) {
      case 'run':
        return [...checkValue(node.definition, entry.key, entry.value), ...checkSupport(entry.value)];
      case 'accepted':
        // Below are details of the same: only what is refused there is worth a word.
        return [
          { message: `\`${entry.key}\` has no effect: ${support.why}`, at: entry.keyAt, warning: true as const },
          ...[...checkValue(node.definition, entry.key, entry.value), ...checkSupport(entry.value)].filter(
            ({ warning }) => warning !== true,
          ),
        ];
      case 'refused':
        return [
          { message: `\`${entry.key}\` is not supported yet${support.why === undefined ? '' : `: ${support.why}`}`, at: entry.keyAt },
        ];
      case 'part':
        return [];
      default:
        return support satisfies never;
    }
  });
  return [...inputs, ...found];
}
