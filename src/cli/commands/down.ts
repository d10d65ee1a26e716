/** `antler down`. */

import { lower } from '../../instance/instance.ts';
import { AntlerError } from '../../kit/errors.ts';
import { confirm } from '../ask.ts';
import type { Context } from '../command.ts';
import { createProgress } from '../progress.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const { out, json, home, signal, options } = context;
  const purge = options.flag('purge');
  const ended = await throughSudo(context, 'take the instance off this machine');
  if (ended !== undefined) return ended;
  if (purge && !options.flag('yes') && !(await confirm(context, `Remove ${home} with all its releases, images and volumes?`))) {
    throw new AntlerError('instance/declined', `Cannot remove ${home} as nobody said yes`);
  }
  const { found, left } = await withProgress(context, async (onEvent) => lower({ home, purge, signal, onEvent }));
  if (json) out.object({ home, purge, found, left });
  else if (!found) out.line(`There is no instance at ${home}: nothing to do`);
  else out.line(`${out.paint('green', '✓')} ${home} ${purge ? 'is gone' : 'is down; its data stays: `antler up` brings it back'}`);
  for (const path of json ? [] : left) out.note(`left as it is not ours: ${path}`);
  return 0;
}

async function withProgress<T>(context: Context, work: (onEvent: ReturnType<typeof createProgress>['event']) => Promise<T>): Promise<T> {
  using progress = createProgress(context);
  return await work((event) => progress.event(event));
}
