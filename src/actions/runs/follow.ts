/** A run as its followers hear it: states as they were recorded, and the lines of each job from its log. */

import type { RunEvent } from '../../contract/runs.ts';
import { createChannel } from '../../kit/channel.ts';
import type { RunRow } from '../../store/types.ts';
import type { RunLogs } from './logs.ts';
import type { JobId } from './types.ts';
import { toLineEvent } from './view.ts';

export interface FollowInput {
  readonly run: RunRow;
  /** States: live, or from the record; ends with the run. */
  readonly states: AsyncIterable<RunEvent> | Iterable<RunEvent>;
  readonly logs: RunLogs;
  /** Lines of this job only. */
  readonly job: string | undefined;
  /** False: what is there now. */
  readonly live: boolean;
  readonly signal: AbortSignal;
}

/** Read by no more than the follower's pace: what waits for it is in files, not in memory. */
const AHEAD = 64;

export async function* followRun(input: FollowInput): AsyncGenerator<RunEvent> {
  if (!input.live) {
    yield* past(input);
    return;
  }
  const { run, states, logs, signal } = input;
  const channel = createChannel<RunEvent>(AHEAD);
  const readers = new Map<string, { readonly ended: AbortController; readonly done: Promise<void> }>();
  const read = async (id: JobId, ended: AbortSignal): Promise<void> => {
    for await (const line of logs.read(id, { until: ended, signal })) {
      if (!(await channel.put(toLineEvent(line)))) return;
    }
  };
  const pump = async (): Promise<void> => {
    for await (const event of states) {
      if (event.kind === 'job' && wanted(input, event.job)) {
        if (event.state !== 'queued' && event.state !== 'waiting' && !readers.has(event.job)) {
          const ended = new AbortController();
          readers.set(event.job, { ended, done: read({ run: run.id, attempt: run.attempt, job: event.job }, ended.signal) });
        }
        // The last lines come before the word that it has ended.
        if (event.state === 'completed') {
          readers.get(event.job)?.ended.abort();
          await readers.get(event.job)?.done;
        }
      }
      if (!(await channel.put(event))) return;
    }
  };
  const done = pump()
    .catch((error: unknown) => {
      if (!signal.aborted) throw error;
    })
    .finally(() => {
      for (const { ended } of readers.values()) ended.abort();
      channel.close();
    });
  done.catch(() => undefined); // told to the reader below
  yield* channel;
  await done;
}

function wanted({ job }: FollowInput, key: string): boolean {
  return job === undefined || job === key;
}

/** Job by job, each step's lines after its beginning. */
async function* past(input: FollowInput): AsyncGenerator<RunEvent> {
  const { run, states, logs, signal } = input;
  const ended = AbortSignal.abort();
  let lines: AsyncIterator<RunEvent> | undefined;
  let held: RunEvent | undefined;
  const linesUpTo = async function* (step: number): AsyncGenerator<RunEvent> {
    for (;;) {
      if (held === undefined) {
        const next = await lines?.next();
        if (next === undefined || next.done === true) return;
        held = next.value;
      }
      if (held.kind === 'line' && held.step > step) return;
      yield held;
      held = undefined;
    }
  };
  for await (const event of states) {
    if (event.kind === 'job' && event.state === 'in_progress' && wanted(input, event.job)) {
      lines = toEvents(logs.read({ run: run.id, attempt: run.attempt, job: event.job }, { until: ended, signal }));
    }
    if (event.kind === 'job-step' && event.state === 'completed') yield* linesUpTo(event.number);
    if (event.kind === 'job' && event.state === 'completed') {
      yield* linesUpTo(Number.POSITIVE_INFINITY);
      lines = undefined;
    }
    yield event;
  }
  yield* linesUpTo(Number.POSITIVE_INFINITY);
}

async function* toEvents(lines: AsyncIterable<Parameters<typeof toLineEvent>[0]>): AsyncGenerator<RunEvent> {
  for await (const line of lines) yield toLineEvent(line);
}
