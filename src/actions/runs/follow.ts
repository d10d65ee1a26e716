/** A run as its followers hear it: states as they were recorded, and the lines of each job from its log, each step's after its beginning and before its end. */

import { setTimeout as sleep } from 'node:timers/promises';

import type { RunEvent } from '../../contract/runs.ts';
import { formatSize } from '../../kit/units.ts';
import type { RunRow } from '../../store/types.ts';
import type { LogCursor } from '../logs/reader.ts';
import { RETENTION } from '../retention.ts';
import type { RunLogs } from './logs.ts';
import { toLineEvent } from './view.ts';

export interface FollowInput {
  readonly run: RunRow;
  /** States: live, or from the record; ends with the run. */
  readonly states: AsyncIterable<RunEvent> | Iterable<RunEvent>;
  readonly logs: RunLogs;
  /** This job only. */
  readonly job: string | undefined;
  readonly signal: AbortSignal;
}

/** How old a line is at most when a follower hears it. */
const LOOK_MS = 100;
const DAY_MS = 86_400_000;

interface Reading {
  readonly cursor: LogCursor;
  /** The last step that was told to have begun. */
  step: number;
}

/** At the follower's pace: what waits for it is in files and in the record, not in memory. */
export async function* followRun({ run, states, logs, job, signal }: FollowInput): AsyncGenerator<RunEvent> {
  const readings = new Map<string, Reading>();
  const gone = run.state === 'completed' && !logs.kept(run.id);
  const lines = async function* (reading: Reading | undefined, step: number): AsyncGenerator<RunEvent> {
    if (reading === undefined) return;
    for await (const line of reading.cursor.read(step, signal)) yield toLineEvent(line);
  };
  const each = toAsync(states)[Symbol.asyncIterator]();
  try {
    for (let next = each.next(); ;) {
      const came = await Promise.race([next, look(signal)]);
      signal.throwIfAborted();
      if (came === undefined) {
        for (const reading of readings.values()) yield* lines(reading, reading.step);
        continue;
      }
      if (came.done === true) {
        // Of a run that goes on: what its jobs have said so far.
        for (const reading of readings.values()) yield* lines(reading, Number.POSITIVE_INFINITY);
        return;
      }
      const event = came.value;
      next = each.next();
      next.catch(() => undefined); // told at the next turn
      if (job !== undefined && (event.kind === 'job' || event.kind === 'job-step') && event.job !== job) continue;
      if (event.kind === 'job') {
        if (event.state === 'in_progress' && !readings.has(event.job)) {
          readings.set(event.job, { cursor: logs.open({ run: run.id, attempt: run.attempt, job: event.job }), step: 0 });
        }
        if (event.state === 'completed') {
          yield* lines(readings.get(event.job), Number.POSITIVE_INFINITY);
          readings.delete(event.job);
        }
      }
      if (event.kind === 'job-step') {
        const reading = readings.get(event.job);
        if (reading !== undefined) {
          if (event.state === 'in_progress') reading.step = Math.max(reading.step, event.number);
          else yield* lines(reading, event.number);
        }
      }
      yield event;
      if (gone && event.kind === 'job' && event.state === 'in_progress') yield goneLine(event);
    }
  } finally {
    await each.return?.(undefined);
  }
}

/** Silence would read as a job that said nothing. */
function goneLine({ time, job }: Extract<RunEvent, { kind: 'job' }>): RunEvent {
  const { maxAgeMs, maxBytes, keep } = RETENTION;
  const why = `after ${maxAgeMs / DAY_MS} days, and the oldest once all take more than ${formatSize(maxBytes)}; the last ${keep} runs keep theirs`;
  return { kind: 'line', time, job, step: 1, type: 'notice', text: `No log of this job is left: logs are removed ${why}` };
}

/** Never fails: where it loses the race nobody hears of it any more. */
async function look(signal: AbortSignal): Promise<undefined> {
  await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
}

async function* toAsync(states: FollowInput['states']): AsyncGenerator<RunEvent> {
  yield* states;
}
