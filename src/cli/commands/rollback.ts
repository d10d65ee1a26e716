/** `antler rollback`. */

import type { Context } from '../command.ts';
import { releaseId } from '../release-id.ts';
import { followRollout } from '../rollout.ts';

export async function run(context: Context): Promise<number> {
  const { args, options } = context;
  const to = options.text('to');
  const body = { wait: !options.flag('no-wait'), ...(to === undefined ? {} : { to: releaseId(to) }) };
  return followRollout('rollback', { params: { environment: args.get('ENV') }, body }, context);
}
