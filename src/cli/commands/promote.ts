/** `antler promote`. */

import type { Context } from '../command.ts';
import { followRollout, forced } from '../rollout.ts';

export async function run(context: Context): Promise<number> {
  const { args, options } = context;
  const body = { wait: !options.flag('no-wait'), ...forced(context) };
  return followRollout('promote', { params: { environment: args.get('ENV') }, body }, context);
}
