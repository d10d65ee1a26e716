/** `antler releases`. */

import type { Release } from '../../contract/releases.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint } from '../output.ts';
import { table, type Cell } from '../table.ts';
import { ago, NONE, shortCommit } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { out, json, signal, typed } = context;
  const answer = await createClient(context).call('releases', {}, signal);
  if (json) out.object(answer);
  else if (answer.releases.length === 0) out.line(`No release yet: ${typed('build')}`);
  else out.line(releaseLines(answer.releases, { paint: out.paint, now: Date.now() }).join('\n'));
}

export function releaseLines(releases: readonly Release[], { paint, now }: { readonly paint: Paint; readonly now: number }): string[] {
  const rows = releases.map(({ id, commit, dirty, createdAt, actor, environments, services }): Cell[] => [
    [id, 'bold'],
    `${shortCommit(commit)}${dirty ? '*' : ''}`,
    ago(createdAt, now),
    actor,
    environments.length === 0 ? NONE : [environments.join(' '), 'green'],
    Object.entries(services)
      .filter(([, { built }]) => built)
      .map(([name]) => name)
      .join(' ') || 'config only',
  ]);
  const lines = table(rows, { paint, head: ['RELEASE', 'COMMIT', 'MADE', 'BY', 'NOW IN', 'BUILT'] });
  if (releases.some(({ dirty }) => dirty)) lines.push(paint('dim', '* with changes that were not committed'));
  return lines;
}
