/** `antler receive-pack`: what git runs on the far side of a push; then follows what the push has started. */

import process from 'node:process';

import { AntlerError, isAbort } from '../../kit/errors.ts';
import type { Context } from '../command.ts';
import { exitOfRun, followRun } from '../follow-run.ts';
import { pipeGit, placeOfRepository } from '../git-stream.ts';

export async function run(context: Context): Promise<number> {
  const { args, out, signal, typed } = context;
  const place = placeOfRepository(args.get('PATH'));
  const { runs, messages } = await pipeGit('receive', place, signal);
  for (const message of messages) out.note(message);
  const there = { ...context, home: place.home };
  if (process.env['ANTLER_PUSH_WAIT'] === '0') {
    for (const id of runs) out.note(`run ${id}: ${typed(`run logs ${id} -f`)}`);
    return 0;
  }
  let worst = 0;
  for (const id of runs) {
    try {
      worst = Math.max(worst, exitOfRun(await followRun(id, there, { follow: true, note: true })));
    } catch (error) {
      if (isAbort(error) || signal.aborted) throw error;
      throw new AntlerError('actions/run-failed', `Cannot follow run ${id} any longer; the run itself may go on`, {
        hint: `Type \`${typed(`run logs ${id} -f`)}\``,
        cause: error,
      });
    }
  }
  return worst;
}
