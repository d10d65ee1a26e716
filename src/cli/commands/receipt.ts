/** `antler receipt`: what a rollout proved. */

import type { Receipt } from '../../contract/releases.ts';
import { AntlerError } from '../../kit/errors.ts';
import { formatDuration } from '../../kit/units.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import type { Paint } from '../output.ts';
import { releaseId } from '../release-id.ts';
import { table, type Cell } from '../table.ts';
import { count, NONE, ROLLOUT_STYLE } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal } = context;
  const environment = options.text('env');
  if (environment === undefined) {
    throw new AntlerError('cli/usage', 'Cannot show a receipt as `--env ENV` is missing', { hint: 'Type `antler receipt --help`' });
  }
  const request = { params: { id: releaseId(args.get('RELEASE')) }, query: { environment } };
  const receipt = await createClient(context).call('receipt', request, signal);
  if (json) out.object(receipt);
  else out.line(receiptLines(receipt, out.paint).join('\n'));
}

export function receiptLines(receipt: Receipt, paint: Paint): string[] {
  const { release, environment, from, verdict, kind, actor, startedAt, endedAt, requests, forced, reason } = receipt;
  const took = endedAt === null ? 'not over yet' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt));
  const { served, lost, cut, unseen } = requests;
  const none = (number: number): Cell => [count(number), number === 0 ? 'green' : 'red'];
  const lines = [
    `${paint('bold', release)} → ${paint('bold', environment)}  ${paint(ROLLOUT_STYLE[verdict], verdict)}`,
    paint('dim', `${kind} by ${actor}, from ${from ?? 'nothing'}, ${startedAt.slice(0, 19).replace('T', ' ')} UTC, ${took}`),
    ...(reason === null ? [] : [paint('red', reason)]),
    ...(forced === null ? [] : [paint('yellow', `forced: ${forced.reason}`)]),
    ...receipt.approvals.map(({ by, via }) => `approved by ${by} (${via})`),
    '',
    ...table([[count(served), none(lost), count(cut), count(unseen)]], {
      paint,
      head: ['SERVED', 'LOST', 'CUT', 'UNSEEN'],
      right: [0, 1, 2, 3],
    }),
  ];
  if (receipt.versions.length > 0) {
    const rows = receipt.versions.map((version): Cell[] => [
      version.release,
      count(version.served),
      count(version.errors),
      ...[version.latencyMs.p50, version.latencyMs.p95, version.latencyMs.p99].map((ms) =>
        ms === null ? NONE : `${Math.round(ms * 10) / 10} ms`,
      ),
    ]);
    lines.push('', ...table(rows, { paint, head: ['VERSION', 'SERVED', 'ERRORS', 'P50', 'P95', 'P99'], right: [1, 2, 3, 4, 5] }));
  }
  const steps = receipt.steps.map(({ step, ms, state }): Cell[] => [step, ms === null ? NONE : formatDuration(ms), state]);
  if (steps.length > 0) lines.push('', ...table(steps, { paint, head: ['STEP', 'TOOK', 'STATE'], right: [1] }));
  return lines;
}
