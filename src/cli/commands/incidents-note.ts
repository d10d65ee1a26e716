/** `antler incidents note`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { incidentId } from '../incident.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json, signal, typed } = context;
  const wanted = { params: { id: incidentId(args.get('ID')) }, body: { text: args.rest.join(' ') } };
  const answer = await createClient(context).call('noteIncident', wanted, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('green', '✓')} It is in the timeline: ${typed(`incidents ${answer.id}`)}`);
}
