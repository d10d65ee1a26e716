/** `antler dispatch`. */

import { AntlerError } from '../../kit/errors.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { followBegun } from '../follow-run.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, signal } = context;
  const ref = options.text('ref');
  const inputs = Object.fromEntries(args.rest.map((word) => pair(word)));
  const body = { workflow: args.get('WORKFLOW'), inputs, ...(ref === undefined ? {} : { ref }) };
  return followBegun(await createClient(context).call('dispatch', { body }, signal), context);
}

function pair(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  if (at <= 0)
    throw new AntlerError('cli/usage', `Cannot take ${JSON.stringify(word)} as an input: it has the form NAME=VALUE`, {
      hint: 'Type `antler dispatch --help`',
    });
  return [word.slice(0, at), word.slice(at + 1)];
}
