/** `antler hold`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal, typed } = context;
  const params = { environment: args.get('ENV') };
  const reason = options.text('reason');
  const client = createClient(context);
  const answer = options.flag('lift')
    ? await client.call('unhold', { params }, signal)
    : await client.call('hold', { params, body: reason === undefined ? {} : { reason } }, signal);
  if (json) out.object(answer);
  else if (answer.hold) out.line(`${answer.environment} is on hold: ${typed(`hold ${answer.environment} --lift`)}`);
  else out.line(`${answer.environment} takes releases again`);
}
