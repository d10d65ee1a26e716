/** Follows a run of the daemon to its end, as lines or as JSON. */

import type { Run, RunEvent } from '../contract/runs.ts';
import { AntlerError, isAbort } from '../kit/errors.ts';
import { createClient } from './client.ts';
import type { Context } from './command.ts';
import { createRunLines } from './run-lines.ts';

export interface FollowRunOptions {
  /** False: what is there now. */
  readonly follow: boolean;
  /** This job only. */
  readonly job?: string | undefined;
  /** Lines go to standard error (a push), not to standard output. */
  readonly note?: boolean;
  /** Also what the runner says of each step. */
  readonly verbose?: boolean;
  readonly onEvent?: (event: RunEvent) => void;
}

/** Throws `kit/aborted` when interrupted: the run itself goes on. */
export async function followRun(id: number, context: Context, options: FollowRunOptions): Promise<Run> {
  const { out, json, signal, typed } = context;
  const paint = options.note === true ? out.paintNote : out.paint;
  const linesOf = createRunLines({
    paint,
    typed,
    terminal: options.note === true ? out.live : out.terminal,
    verbose: options.verbose ?? false,
  });
  const onEvent = (event: RunEvent): void => {
    options.onEvent?.(event);
    if (json) {
      out.object(event);
      return;
    }
    for (const line of linesOf(event)) {
      if (options.note === true) out.note(line);
      else out.line(line);
    }
  };
  const query = { follow: options.follow ? 'true' : 'false', ...(options.job === undefined ? {} : { job: options.job }) };
  try {
    return await createClient(context).stream('followRun', { params: { id: String(id) }, query }, { signal, onEvent });
  } catch (error) {
    if (!isAbort(error) && !signal.aborted) throw error;
    throw new AntlerError('kit/aborted', `Cannot follow run ${id} any longer as you interrupted; the run itself goes on`, {
      hint: `Type \`${typed(`run logs ${id} -f`)}\`, or \`${typed(`run cancel ${id}`)}\``,
    });
  }
}

/** Exit code of a run: 0 success or skipped · 1 failed or canceled · 2 goes on. */
export function exitOfRun({ state, conclusion }: Pick<Run, 'state' | 'conclusion'>): number {
  if (state !== 'completed') return 2;
  return conclusion === 'success' || conclusion === 'skipped' ? 0 : 1;
}

/** What `rerun` and `dispatch` do after the run has begun. */
export async function followBegun(begun: Run, context: Context): Promise<number> {
  const { options, out, json, typed } = context;
  if (options.flag('no-wait')) {
    if (json) out.object(begun);
    else out.line(`${out.paint('cyan', '●')} run ${begun.id} of ${begun.workflow}: ${typed(`run logs ${begun.id} -f`)}`);
    return 0;
  }
  const ended = await followRun(begun.id, context, { follow: true });
  if (json) out.object(ended);
  return exitOfRun(ended);
}
