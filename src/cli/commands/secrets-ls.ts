/** `antler secrets ls`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { settingLines } from '../settings.ts';

export async function run(context: Context): Promise<void> {
  const { out, json, signal, typed } = context;
  const answer = await createClient(context).call('secrets', {}, signal);
  if (json) out.object(answer);
  else if (answer.secrets.length === 0) out.line(`There are no secrets: ${typed('secrets set NAME')}`);
  else out.line(settingLines(answer.secrets, { paint: out.paint, now: Date.now(), values: false }).join('\n'));
}
