/** `antler receive-pack`: what git runs on the far side of a push. */

import type { Context } from '../command.ts';
import { placeOfRepository } from '../git-stream.ts';
import { receive } from '../receive.ts';

export async function run(context: Context): Promise<number> {
  return receive(placeOfRepository(context.args.get('PATH')), context);
}
