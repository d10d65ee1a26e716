/** Secrets and variables as people read them. Pure. */

import type { Setting, Variable } from '../contract/settings.ts';
import type { Paint } from './output.ts';
import { table, type Cell } from './table.ts';
import { ago } from './words.ts';

/** `secret TOKEN`, `secret TOKEN of prod`. */
export function settingWords(kind: 'secret' | 'variable', { name, environment }: Pick<Setting, 'name' | 'environment'>): string {
  return `${kind} ${name}${environment === null ? '' : ` of ${environment}`}`;
}

export function settingLines(
  settings: readonly (Setting | Variable)[],
  { paint, now, values }: { readonly paint: Paint; readonly now: number; readonly values: boolean },
): string[] {
  const rows = settings.map((setting): Cell[] => [
    [setting.name, 'bold'],
    setting.environment ?? ['all', 'dim'],
    ago(setting.updatedAt, now),
    setting.actor,
    ...('value' in setting ? [oneLine(setting.value)] : []),
  ]);
  return table(rows, { paint, head: ['NAME', 'ENVIRONMENT', 'SET', 'BY', ...(values ? ['VALUE'] : [])] });
}

function oneLine(value: string): string {
  const plain = value.replaceAll(/\p{Cc}/gu, '·');
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}
