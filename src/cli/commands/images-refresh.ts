/** `antler images refresh`. */

import type { ResponseOf } from '../../contract/endpoints.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { createProgress } from '../progress.ts';
import { baseLines } from './images-ls.ts';

export async function run(context: Context): Promise<void> {
  const { args, out, json, signal } = context;
  const body = args.rest.length === 0 ? {} : { names: [...args.rest] };
  let answer: ResponseOf<'refreshImages'>;
  {
    using progress = createProgress(context);
    answer = await createClient(context).stream('refreshImages', { body }, { signal, onEvent: (event) => progress.event(event) });
  }
  if (json) out.object(answer);
  else out.line(baseLines(answer.bases, { paint: out.paint, now: Date.now() }).join('\n'));
}
