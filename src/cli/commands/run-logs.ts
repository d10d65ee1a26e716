/** `antler run logs`. */

import type { Context } from '../command.ts';
import { exitOfRun, followRun } from '../follow-run.ts';
import { runIdOf } from '../run-id.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, out, json } = context;
  const ended = await followRun(runIdOf(args.get('ID')), context, { follow: options.flag('follow'), job: options.text('job') });
  if (json) out.object(ended);
  return exitOfRun(ended);
}
