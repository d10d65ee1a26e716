/** `antler host drift`. */

import { driftMachine, openInstance } from '../../instance/instance.ts';
import type { Context } from '../command.ts';
import { showChanges } from '../host-plan.ts';
import { throughSudo } from '../root.ts';

export async function run(context: Context): Promise<number> {
  const ended = await throughSudo(context, 'read the whole machine');
  if (ended !== undefined) return ended;
  const instance = await openInstance(context.home);
  return showChanges(context, await driftMachine({ instance, signal: context.signal }));
}
