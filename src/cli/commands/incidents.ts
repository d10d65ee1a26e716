/** `antler incidents [ID]`. */

import { AntlerError } from '../../kit/errors.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { incidentId, incidentLines, timelineLines } from '../incident.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal, typed } = context;
  const client = createClient(context);
  const style = { paint: out.paint, now: Date.now() };
  const one = args.maybe('ID');
  if (one !== undefined) {
    const incident = await client.call('incident', { params: { id: incidentId(one) } }, signal);
    if (json) return out.object(incident);
    out.line(timelineLines(incident, style).join('\n'));
    if (incident.closedAt === null && incident.acknowledged === null)
      out.line(`\n${out.paint('dim', typed(`incidents ack ${incident.id}`))}`);
    return;
  }
  const open = options.flag('open');
  const answer = await client.call('incidents', { query: { open: String(open), limit: limitOf(options.text('limit')) } }, signal);
  if (json) out.object(answer);
  else if (answer.incidents.length === 0) out.line(open ? 'No incident is open' : 'There has been no incident yet');
  else out.line(incidentLines(answer.incidents, style).join('\n'));
}

function limitOf(text: string | undefined): number {
  const limit = Number(text ?? 20);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 1000) return limit;
  throw new AntlerError('cli/usage', 'Cannot take `--limit` as it is no number from 1 to 1000', {
    hint: 'Type `antler incidents --limit 100`',
  });
}
