/** `antler approve`. */

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { subjectName } from '../words.ts';

export async function run(context: Context): Promise<void> {
  const { args, options, out, json, signal, typed } = context;
  const comment = options.text('comment');
  const body = { approve: !options.flag('reject'), ...(comment === undefined ? {} : { comment }) };
  const answer = await createClient(context).call('approve', { params: { id: args.get('ID') }, body }, signal);
  if (json) {
    out.object(answer);
    return;
  }
  const { environment, state } = answer;
  const what = subjectName(answer);
  if (state === 'approved') out.line(`${out.paint('green', '✓')} ${what} may go to ${environment}: ${typed('status --watch')}`);
  else if (state === 'rejected') out.line(`${out.paint('red', '✗')} ${what} will not go to ${environment}`);
  else out.line(`${out.paint('yellow', '◷')} ${environment} needs more approvals of ${what}`);
}
