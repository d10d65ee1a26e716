/** `antler host undo`. */

import { undoMachine } from '../../instance/instance.ts';
import { AntlerError } from '../../kit/errors.ts';
import { confirm } from '../ask.ts';
import type { Context } from '../command.ts';
import { createProgress } from '../progress.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const { out, json, home, signal, options } = context;
  const ended = await throughSudo(context, 'put the machine back');
  if (ended !== undefined) return ended;
  if (!options.flag('yes') && !(await confirm(context, `Stop the instance at ${home} and put the machine back?`))) {
    throw new AntlerError('instance/declined', 'Cannot put the machine back as nobody said yes');
  }
  {
    using progress = createProgress(context);
    await undoMachine({ home, purge: options.flag('packages'), signal, onEvent: (event) => progress.event(event) });
  }
  if (json) out.object({ home, undone: true });
  else out.line(`${out.paint('green', '✓')} The machine is as it was before ${home}; its data stays`);
  return 0;
}
