/** `antler images ls`, and what `images refresh` shows at its end. */

import type { ResponseOf } from '../../contract/endpoints.ts';
import { formatSize } from '../../kit/units.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint } from '../output.ts';
import { table, type Cell } from '../table.ts';
import { ago, NONE } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { out, json, signal } = context;
  const answer = await createClient(context).call('images', {}, signal);
  if (json) out.object(answer);
  else out.line(baseLines(answer.bases, { paint: out.paint, now: Date.now() }).join('\n'));
}

type Bases = ResponseOf<'images'>['bases'];

export function baseLines(bases: Bases, { paint, now }: { readonly paint: Paint; readonly now: number }): string[] {
  const rows = bases.map(({ name, key, packages, resolvedAt, bytes, standsFor }): Cell[] => [
    [name, 'bold'],
    key === null ? ['not made yet', 'dim'] : key.replace(/^sha256:/, '').slice(0, 12),
    resolvedAt === null ? NONE : ago(resolvedAt, now),
    String(Object.keys(packages).length),
    bytes === null ? NONE : formatSize(bytes),
    [standsFor.map((image) => image.replace(/^docker\.io\/(?:library\/)?/, '')).join(' '), 'dim'],
  ]);
  return table(rows, { paint, head: ['BASE', 'KEY', 'RESOLVED', 'PACKAGES', 'SIZE', 'STANDS FOR'], right: [3, 4] });
}
