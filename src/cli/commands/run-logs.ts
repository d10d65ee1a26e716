/** `antler run logs`. */

import { AntlerError } from '../../kit/errors.ts';
import { nearest } from '../../kit/nearest.ts';
import type { Context } from '../command.ts';
import { exitOfRun, followRun } from '../follow-run.ts';
import { runIdOf } from '../run-id.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, out, json } = context;
  const ended = await followRun(runIdOf(args.get('ID')), context, {
    follow: options.flag('follow'),
    job: options.text('job'),
    verbose: options.flag('verbose'),
  });
  const job = options.text('job');
  if (job !== undefined && !ended.jobs.some(({ key }) => key === job)) {
    const keys = ended.jobs.map(({ key }) => key);
    throw new AntlerError('cli/usage', `Cannot show the job \`${job}\` as run ${ended.id} has none of this key`, {
      hint: `Did you mean \`${nearest(job, keys) ?? keys.join('`, `')}\`?`,
    });
  }
  if (json) out.object(ended);
  return exitOfRun(ended);
}
