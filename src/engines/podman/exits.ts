/** Ends of containers, heard from the exit codes that conmon leaves in a folder: no engine process is needed for it. */

import { mkdirSync, watch } from 'node:fs';

import { createBell } from '../bell.ts';
import type { Container, Exit } from '../types.ts';
import { readExit } from './ends.ts';
import type { Tracked, Tracker } from './tracker.ts';

export interface ExitsOptions {
  /** `/run/libpod/exits` unless the engine was told otherwise. */
  readonly folder: string;
  readonly tracker: Tracker;
  /** Lists (and thereby tracks) all containers of the instance. */
  readonly list: (signal: AbortSignal) => Promise<readonly Container[]>;
  readonly signal: AbortSignal;
}

export async function* hearExits({ folder, tracker, list, signal }: ExitsOptions): AsyncGenerator<Exit, void, void> {
  const bell = createBell();
  const heard: Exit[] = [];
  let hearing = Promise.resolve(); // one after the other: a file's coming is told before its going

  async function hear(container: Tracked): Promise<void> {
    const exit = (await readExit(folder, container)) ?? (container.running ? await missed(container.id) : undefined);
    if (exit === undefined || tracker.byId(container.id)?.lastExit?.at === exit.at) return;
    tracker.ended(container.id, exit);
    heard.push(exit);
    bell.ring();
  }

  /** The file went before it could be read: the engine was quicker than we. */
  async function missed(id: string): Promise<Exit | undefined> {
    const found = (await list(signal)).find((item) => item.id === id);
    return found?.state.kind === 'exited' ? { name: found.name, ...found.state } : undefined;
  }

  mkdirSync(folder, { recursive: true, mode: 0o750 }); // a machine whose engine was not used since it started
  const watcher = watch(folder, (_, id) => {
    const container = id === null ? undefined : tracker.byId(id);
    if (container === undefined) return; // another's, or conmon's temporary name
    hearing = hearing.then(() => hear(tracker.byId(container.id) ?? container)).catch(() => undefined); // the next list tells it
  });
  try {
    await list(signal);
    while (!signal.aborted) {
      yield* heard.splice(0);
      if (heard.length === 0) await bell.wait(signal);
    }
  } finally {
    watcher.close();
  }
}
