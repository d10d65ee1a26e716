/** `antler run rerun`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { followBegun } from '../follow-run.ts';
import { runIdOf } from '../run-id.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, signal } = context;
  const id = String(runIdOf(args.get('ID')));
  const begun = await createClient(context).call('rerun', { params: { id }, body: { failed: options.flag('failed') } }, signal);
  return followBegun(begun, context);
}
