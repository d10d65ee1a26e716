/** `antler variables set`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { settingWords } from '../settings.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal } = context;
  const environment = options.text('env');
  const body = { value: args.get('VALUE'), ...(environment === undefined ? {} : { environment }) };
  const answer = await createClient(context).call('setVariable', { params: { name: args.get('NAME') }, body }, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('green', '✓')} ${settingWords('variable', answer)} is set`);
}
