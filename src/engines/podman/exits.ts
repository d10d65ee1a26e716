/**
 * Ends of containers, heard from the exit codes that conmon leaves in a folder: no engine process is needed for it. Where conmon was killed nobody leaves one:
 * the processes themselves are looked at as well.
 */

import { mkdirSync, watch } from 'node:fs';

import { isAlive } from '../../kit/processes.ts';
import { poll } from '../../kit/wait.ts';
import { createBell } from '../bell.ts';
import type { Container, Exit } from '../types.ts';
import { readExit } from './ends.ts';
import type { Tracker } from './tracker.ts';

/** Milliseconds in which the engine must know of an end whose file we missed. */
const ASK_FOR = 5000;
/** Milliseconds between two looks at the processes: a read of /proc for each container. */
const LOOK_EVERY = 1000;

/** Removed by somebody else, and nobody was there to note how it ended. */
const UNHEARD = { exitCode: 137, reason: 'killed', at: 0 } as const;

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
    tracker.tell(exit); // also to those who look there beside us, and came second
  }

  /** The file went before we could read it, or there is none: ask the engine, once it has noted the end. */
  async function ask(id: string, name: string, seen = 0): Promise<void> {
    const state = await poll(
      async () => {
        const found = (await list(signal)).find((item) => item.id === id)?.state;
        return found === undefined || found.kind === 'exited' ? (found ?? 'gone') : undefined;
      },
      { signal, timeoutMs: ASK_FOR, what: `the end of ${name}` },
    );
    if (tracker.byId(id)?.running !== true || (state === 'gone' && seen === 0)) return;
    const { exitCode, reason, at } = state === 'gone' ? UNHEARD : state;
    hear({ name, exitCode, reason, at: Math.max(at, seen) }, id); // what nobody noted is told as of its start
  }

  /** Gone at two looks without a word of its monitor: in that time a monitor that lives would have left its note. */
  let gone = new Set<string>();
  function look(): void {
    const now = tracker.allRunning().filter(({ pid }) => pid !== undefined && !isAlive(pid));
    for (const { id, name } of now) if (gone.has(id)) void ask(id, name, Date.now()).catch(() => undefined);
    gone = new Set(now.filter(({ id }) => !gone.has(id)).map(({ id }) => id)); // who was asked for is asked for again two looks later
  }

  mkdirSync(folder, { recursive: true, mode: 0o750 }); // a machine whose engine was not used since it started
  const watcher = watch(folder, (_, id) => {
    const container = id === null ? undefined : tracker.byId(id);
    if (container === undefined) return; // another's, or conmon's temporary name
    const exit = readExit(folder, container);
    if (exit !== undefined) hear(exit, container.id);
    else if (container.running) void ask(container.id, container.name).catch(() => undefined); // it runs: the file of its last life went
  });
  const deaf = tracker.listen((exit) => {
    heard.push(exit);
    bell.ring();
  });
  const looking = setInterval(look, LOOK_EVERY);
  try {
    await list(signal);
    while (!signal.aborted) {
      yield* heard.splice(0);
      if (heard.length === 0) await bell.wait(signal);
    }
  } finally {
    deaf();
    clearInterval(looking);
    watcher.close();
  }
}
