/** GitHub's schema as the paths that a workflow file can have, each with what becomes of it here. */

import { schemaText } from '../../src/actions/parser/schema.ts';
import { type Support, supportOf } from '../../src/actions/workflow/support.ts';

interface Definition {
  readonly 'one-of'?: readonly string[];
  readonly sequence?: { readonly 'item-type': string };
  readonly mapping?: {
    readonly properties?: Readonly<Record<string, string | { readonly type: string }>>;
    readonly 'loose-key-type'?: string;
    readonly 'loose-value-type'?: string;
  };
}

export interface Key {
  /** `jobs.<id>.steps[*].run`. */
  readonly path: string;
  readonly definition: string;
  readonly key: string;
  readonly support: Support;
  /** A key above is refused, so this one is never looked at. */
  readonly below?: string;
}

const LOOSE: Readonly<Record<string, string>> = { jobs: '<id>', services: '<id>' };

export function everyKey(): readonly Key[] {
  const { definitions } = JSON.parse(schemaText('workflow')) as { readonly definitions: Readonly<Record<string, Definition>> };
  const keys: Key[] = [];
  const walk = (name: string | undefined, path: string, above: { readonly below?: string; readonly names: readonly string[] }): void => {
    const definition = name === undefined ? undefined : definitions[name];
    if (name === undefined || definition === undefined || above.names.includes(name)) return;
    const names = [...above.names, name];
    for (const one of definition['one-of'] ?? []) walk(one, path, { ...above, names });
    walk(definition.sequence?.['item-type'], `${path}[*]`, { ...above, names });
    const { properties = {}, ...loose } = definition.mapping ?? {};
    const children = [
      ...Object.entries(properties).map(([key, value]) => [key, typeof value === 'string' ? value : value.type] as const),
      ...(loose['loose-key-type'] === undefined ? [] : [['*', loose['loose-value-type']] as const]),
    ];
    for (const [key, type] of children) {
      const shown = key === '*' ? (LOOSE[name] ?? '<name>') : key;
      const full = path === '' ? shown : `${path}.${shown}`;
      const support = supportOf(name, key);
      keys.push({ path: full, definition: name, key, support, ...(above.below === undefined ? {} : { below: above.below }) });
      const below = above.below ?? (support.kind === 'refused' || support.kind === 'part' ? full : undefined);
      walk(type, full, { names, ...(below === undefined ? {} : { below }) });
    }
  };
  walk('workflow-root-strict', '', { names: [] });
  return keys;
}
