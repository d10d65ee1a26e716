/** `antler variables ls`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { settingLines } from '../settings.ts';

export async function run(context: Context): Promise<void> {
  const { out, json, signal, typed } = context;
  const answer = await createClient(context).call('variables', {}, signal);
  if (json) out.object(answer);
  else if (answer.variables.length === 0) out.line(`There are no variables: ${typed('variables set NAME VALUE')}`);
  else out.line(settingLines(answer.variables, { paint: out.paint, now: Date.now(), values: true }).join('\n'));
}
