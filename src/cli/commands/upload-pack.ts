/** `antler upload-pack`: what git runs on the far side of a fetch. */

import type { Context } from '../command.ts';
import { pipeGit, placeOfRepository } from '../git-stream.ts';

export async function run({ args, signal }: Context): Promise<void> {
  await pipeGit('upload', placeOfRepository(args.get('PATH')), signal);
}
