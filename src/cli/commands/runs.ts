/** `antler runs`. */

import type { RunSummary } from '../../contract/runs.ts';
import { AntlerError } from '../../kit/errors.ts';
import { formatDuration } from '../../kit/units.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint, Style } from '../output.ts';
import { table, type Cell } from '../table.ts';
import { ago, NONE, shortCommit } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { options, out, json, signal, typed } = context;
  const answer = await createClient(context).call('runs', { query: { limit: limitOf(options.text('limit')) } }, signal);
  if (json) out.object(answer);
  else if (answer.runs.length === 0) out.line(`No run yet: git push antler, or ${typed('run')}`);
  else out.line(runLines(answer.runs, { paint: out.paint, now: Date.now() }).join('\n'));
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? 20);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new AntlerError('cli/usage', 'Cannot take `--limit` as it is no number from 1 to 1000', { hint: 'Type `antler runs --limit 100`' });
}

export function runLines(runs: readonly RunSummary[], { paint, now }: { readonly paint: Paint; readonly now: number }): string[] {
  const rows = runs.map((each): Cell[] => [
    [`${each.id}`, 'bold'],
    stateOf(each),
    each.workflow,
    `${each.event} ${each.ref.replace(/^refs\/(?:heads|tags)\//, '')}`,
    shortCommit(each.sha),
    each.release ?? NONE,
    ago(each.createdAt, now),
    lasted(each),
    each.actor,
    each.title.slice(0, 60),
  ]);
  return table(rows, { paint, head: ['RUN', 'STATE', 'WORKFLOW', 'EVENT', 'COMMIT', 'RELEASE', 'BEGUN', 'TOOK', 'BY', 'COMMIT MESSAGE'] });
}

const STYLES: Readonly<Record<string, Style>> = { success: 'green', failure: 'red', cancelled: 'yellow', skipped: 'dim' };

function stateOf({ state, conclusion, attempt }: RunSummary): Cell {
  const word = state === 'completed' ? (conclusion ?? 'failure') : state.replace('_', ' ');
  return [attempt > 1 ? `${word} (attempt ${attempt})` : word, STYLES[word] ?? 'cyan'];
}

function lasted({ startedAt, endedAt }: RunSummary): string {
  return startedAt === null || endedAt === null ? NONE : formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
}
