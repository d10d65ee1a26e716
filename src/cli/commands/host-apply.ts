/** `antler host apply`. */

import { applyPrepared } from '../../instance/instance.ts';
import type { Context } from '../command.ts';
import { prepareHere } from '../host-plan.ts';
import { createProgress } from '../progress.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const { out, json, signal } = context;
  const ended = await throughSudo(context, 'change the machine');
  if (ended !== undefined) return ended;
  const prepared = await prepareHere(context, true);
  let count: number;
  {
    using progress = createProgress(context);
    const time = (): string => new Date().toISOString();
    const made = await applyPrepared(prepared, {
      signal,
      onLine: (line) => progress.event({ kind: 'output', time: time(), step: 'host', line }),
      onStep: ({ change, state, ms }) =>
        progress.event({
          kind: 'step',
          time: time(),
          step: `host/${change.text}`,
          title: change.text,
          state,
          ...(ms === undefined ? {} : { ms }),
        }),
    });
    count = made.length;
  }
  if (json) out.object({ changed: count });
  else out.line(count === 0 ? 'The machine is as it should be: nothing to do' : `${out.paint('green', '✓')} ${count} changes made`);
  return 0;
}
