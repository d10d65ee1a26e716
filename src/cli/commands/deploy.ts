/** `antler deploy`. */

import type { Context } from '../command.ts';
import { releaseId } from '../release-id.ts';
import { followRollout, forced } from '../rollout.ts';

export async function run(context: Context): Promise<number> {
  const { args, options } = context;
  const release = args.maybe('RELEASE');
  const body = { wait: !options.flag('no-wait'), ...forced(context), ...(release === undefined ? {} : { release: releaseId(release) }) };
  return followRollout('deploy', { params: { environment: args.get('ENV') }, body }, context);
}
