/** `antler run cancel`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { runIdOf } from '../run-id.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json, signal, typed } = context;
  const answer = await createClient(context).call('cancelRun', { params: { id: String(runIdOf(args.get('ID'))) } }, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('yellow', '■')} run ${answer.id} is being canceled: ${typed(`run logs ${answer.id} -f`)}`);
}
