/** Log lines of an environment: all its containers side by side, also those that a rollout brings while somebody follows. */

import type { LogEvent } from '../contract/events.ts';
import { LABELS } from '../engines/engines.ts';
import type { Container, Engine } from '../engines/types.ts';
import { isoTime } from '../kit/clock.ts';
import { isAbort } from '../kit/errors.ts';
import { sleep } from '../kit/wait.ts';

export interface LogRequest {
  readonly environment: string;
  readonly service: string | undefined;
  readonly follow: boolean;
  readonly tail: number | undefined;
  readonly emit: (event: LogEvent) => Promise<void>;
  readonly signal: AbortSignal;
}

const LOOK_MS = 2000;

type Logged = Pick<Engine, 'list' | 'logs'>;

/** Returns how many lines there were. Without `follow` they come in the order of their time. */
export async function streamLogs(engine: Logged, request: LogRequest): Promise<number> {
  return request.follow ? followLogs(engine, request) : readLogs(engine, request);
}

async function readLogs(engine: Logged, request: LogRequest): Promise<number> {
  const all: LogEvent[] = [];
  for (const container of await containersOf(engine, request)) {
    for await (const line of engine.logs(container.name, { follow: false, ...tailOf(request), signal: request.signal })) {
      all.push(toEvent(container, line));
    }
  }
  all.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const shown = request.tail === undefined ? all : all.slice(-request.tail);
  for (const event of shown) await request.emit(event);
  return shown.length;
}

async function followLogs(engine: Logged, request: LogRequest): Promise<number> {
  const following = new Map<string, Promise<void>>();
  let lines = 0;
  const follow = async (container: Container): Promise<void> => {
    try {
      for await (const line of engine.logs(container.name, { follow: true, ...tailOf(request), signal: request.signal })) {
        lines += 1;
        await request.emit(toEvent(container, line));
      }
    } catch (error) {
      if (!isAbort(error)) return; // removed while we followed
    }
  };
  while (!request.signal.aborted) {
    for (const container of await containersOf(engine, request)) {
      if (!following.has(container.name)) following.set(container.name, follow(container));
    }
    await sleep(LOOK_MS, request.signal).catch(() => undefined);
  }
  await Promise.all(following.values());
  return lines;
}

async function containersOf(engine: Logged, request: LogRequest): Promise<readonly Container[]> {
  const all = await engine.list(request.signal);
  return all.filter(
    ({ labels }) =>
      labels[LABELS.environment] === request.environment && (request.service === undefined || labels[LABELS.service] === request.service),
  );
}

function tailOf(request: LogRequest): { readonly tail?: number } {
  return request.tail === undefined ? {} : { tail: request.tail };
}

function toEvent(
  { labels }: Container,
  line: { readonly at: number; readonly stream: 'stdout' | 'stderr'; readonly text: string },
): LogEvent {
  return {
    kind: 'log',
    time: isoTime(line.at),
    environment: labels[LABELS.environment] ?? '',
    service: labels[LABELS.service] ?? '',
    replica: labels[LABELS.replica] ?? '',
    release: labels[LABELS.release] ?? '',
    stream: line.stream,
    text: line.text,
  };
}
