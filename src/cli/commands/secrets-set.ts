/** `antler secrets set`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { readSecret } from '../read-secret.ts';
import { settingWords } from '../settings.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal } = context;
  const name = args.get('NAME');
  const environment = options.text('env');
  const value = await readSecret(context, name);
  const body = { value, ...(environment === undefined ? {} : { environment }) };
  const answer = await createClient(context).call('setSecret', { params: { name }, body }, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('green', '✓')} ${settingWords('secret', answer)} is set`);
}
