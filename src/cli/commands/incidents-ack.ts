/** `antler incidents ack`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { incidentId } from '../incident.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json, signal } = context;
  const answer = await createClient(context).call('acknowledge', { params: { id: incidentId(args.get('ID')) } }, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('yellow', '◷')} ${answer.acknowledged?.by ?? 'somebody'} is on it: “${answer.title}”`);
}
