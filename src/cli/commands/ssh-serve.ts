/** `antler ssh-serve`: what sshd runs for a key of `antler keys`: a push or a fetch of this instance’s repository. */

import process from 'node:process';

import { createClient } from '../client.ts';
import type { Context } from '../command.ts';
import { pipeGit } from '../git-stream.ts';
import { receive } from '../receive.ts';
import { readSshCommand } from '../ssh-command.ts';

export async function run(context: Context): Promise<number> {
  const { home, signal } = context;
  const { verb, app } = readSshCommand(process.env['SSH_ORIGINAL_COMMAND']);
  await createClient(context).call('health', {}, signal); // told before git begins, and in words
  if (verb === 'receive') return receive({ home, app }, context);
  await pipeGit('upload', { home, app }, signal);
  return 0;
}
