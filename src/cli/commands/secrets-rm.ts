/** `antler secrets rm`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { settingWords } from '../settings.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal } = context;
  const query = { environment: options.text('env') };
  const answer = await createClient(context).call('removeSecret', { params: { name: args.get('NAME') }, query }, signal);
  if (json) out.object(answer);
  else out.line(`${out.paint('green', '✓')} ${settingWords('secret', answer)} is gone`);
}
