/** `antler exec`: ends as the command ends. */

import { buffer } from 'node:stream/consumers';
import process from 'node:process';

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, out, json, signal } = context;
  const stdin = options.flag('stdin') ? (await buffer(process.stdin)).toString('base64') : undefined;
  const request = {
    params: { environment: args.get('ENV'), service: args.get('SERVICE') },
    body: { argv: [...args.rest], ...(stdin === undefined ? {} : { stdin }) },
  };
  const { exitCode } = await createClient(context).stream('exec', request, {
    signal,
    onEvent: (event) => {
      if (json) out.object(event);
      else if (event.kind === 'data') out.raw(event.stream, Buffer.from(event.base64, 'base64'));
    },
  });
  if (json) out.object({ exitCode });
  return exitCode;
}
