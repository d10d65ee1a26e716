/** `antler host plan`. */

import { planMachine } from '../../instance/instance.ts';
import type { Context } from '../command.ts';
import { prepareHere, showChanges } from '../host-plan.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const ended = await throughSudo(context, 'read the whole machine');
  if (ended !== undefined) return ended;
  const { instance, wanted } = await prepareHere(context, false);
  return showChanges(context, await planMachine(wanted, { instance, signal: context.signal }));
}
