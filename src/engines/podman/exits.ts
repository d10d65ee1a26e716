/** Ends of containers, heard from the exit codes that conmon leaves in a folder: no engine process is needed for it. */

import { mkdirSync, watch } from 'node:fs';

import { poll } from '../../kit/wait.ts';
import { createBell } from '../bell.ts';
import type { Container, Exit } from '../types.ts';
import { readExit } from './ends.ts';
import type { Tracker } from './tracker.ts';

/** Milliseconds in which the engine must know of an end whose file we missed. */
const ASK_FOR = 3000;

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

  function hear(exit: Exit, id: string): void {
    if (tracker.byId(id)?.lastExit?.at === exit.at) return;
    tracker.ended(id, exit);
    heard.push(exit);
    bell.ring();
  }

  /** The file went before we could read it: ask the engine, once it has noted the end. */
  async function ask(id: string, name: string): Promise<void> {
    const state = await poll(
      async () => {
        const found = (await list(signal)).find((item) => item.id === id)?.state;
        return found === undefined || found.kind === 'exited' ? (found ?? 'gone') : undefined;
      },
      { signal, timeoutMs: ASK_FOR, what: `the end of ${name}` },
    );
    if (state !== 'gone' && tracker.byId(id)?.running === true) hear({ name, ...state }, id);
  }

  mkdirSync(folder, { recursive: true, mode: 0o750 }); // a machine whose engine was not used since it started
  const watcher = watch(folder, (_, id) => {
    const container = id === null ? undefined : tracker.byId(id);
    if (container === undefined) return; // another's, or conmon's temporary name
    const exit = readExit(folder, container);
    if (exit !== undefined) hear(exit, container.id);
    else if (container.running) void ask(container.id, container.name).catch(() => undefined); // it runs: the file of its last life went
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
