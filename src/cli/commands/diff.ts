/** `antler diff`: ends 2 where two environments differ. */

import type { Diff } from '../../contract/releases.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint } from '../output.ts';
import { table, type Cell } from '../table.ts';
import { NONE, shortCommit, shortDigest } from '../words.ts';

export async function run(context: Context): Promise<number> {
  const { args, out, json, signal } = context;
  const diff = await createClient(context).call('diff', { query: { a: args.get('ENV'), b: args.get('OTHER') } }, signal);
  if (json) out.object(diff);
  else out.line(diffLines(diff, out.paint).join('\n'));
  return diff.same ? 0 : 2;
}

export function diffLines({ a, b, same, services, config }: Diff, paint: Paint): string[] {
  const side = ({ environment, release, commit }: Diff['a']): Cell[] => [[environment, 'bold'], release ?? NONE, shortCommit(commit)];
  const lines = table([side(a), side(b)], { paint });
  if (same) return [...lines, '', `${paint('green', '✓')} the same`];
  const rows = services.map((service): Cell[] =>
    service.same
      ? [`  ${service.service}`, shortDigest(service.a), ['the same', 'dim']]
      : [`  ${service.service}`, [shortDigest(service.a), 'red'], [shortDigest(service.b), 'green']],
  );
  lines.push('', ...table(rows, { paint, head: ['SERVICES', a.environment, b.environment] }));
  if (config.length === 0) return lines;
  const keys = config.map(({ path, a: left, b: right }): Cell[] => [`  ${path}`, [value(left), 'red'], [value(right), 'green']]);
  return [...lines, '', ...table(keys, { paint, head: ['CONFIG', a.environment, b.environment] })];
}

function value(given: unknown): string {
  const text = given === undefined ? NONE : JSON.stringify(given);
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
