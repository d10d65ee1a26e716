/** The far side of a push, for git itself and for SSH: hands git's stream over, then follows what the push has started. */

import process from 'node:process';

import { AntlerError, isAbort } from '../kit/errors.ts';
import type { Context } from './command.ts';
import { exitOfRun, followRun } from './follow-run.ts';
import { pipeGit, type RepositoryPlace } from './git-stream.ts';
import { watchParent } from './parent.ts';
import { typed } from './typed.ts';

/** The exit code: 1 where a run fails. ANTLER_PUSH_WAIT=0 follows nothing. */
export async function receive(place: RepositoryPlace, context: Context): Promise<number> {
  const { out, signal } = context;
  const { runs, messages } = await pipeGit('receive', place, signal);
  for (const message of messages) out.note(message);
  const hint = (line: string): string => typed(line, { env: process.env, home: place.home });
  if (process.env['ANTLER_PUSH_WAIT'] === '0') {
    for (const id of runs) out.note(`run ${id}: ${hint(`run logs ${id} -f`)}`);
    return 0;
  }
  using parent = watchParent(signal);
  // Standard output was git's.
  const there: Context = { ...context, home: place.home, typed: hint, json: false, signal: parent.signal };
  let worst = 0;
  for (const id of runs) {
    try {
      worst = Math.max(worst, exitOfRun(await followRun(id, there, { follow: true, note: true })));
    } catch (error) {
      if (isAbort(error) || parent.signal.aborted) throw error;
      throw new AntlerError('actions/run-failed', `Cannot follow run ${id} any longer; the run itself may go on`, {
        hint: `Type \`${hint(`run logs ${id} -f`)}\``,
        cause: error,
      });
    }
  }
  return worst;
}
