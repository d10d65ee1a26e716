/** Everything that descends from a process, found in /proc: by parent, and by session where the parent is gone. */

import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';

import { sleep } from '../../kit/wait.ts';

export interface Living {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** What forks while it is killed is met again at the next look; the container's end is the last word. */
const LOOKS = 20;
const BETWEEN = 20;

/** SIGKILL to the process and all its descendants. */
export async function killTree(pid: number, signal: AbortSignal): Promise<void> {
  for (let look = 0; look < LOOKS; look += 1) {
    const found = descendants(pid, await allLiving());
    if (found.length === 0) return;
    for (const each of found) sendSignal(each, 'SIGKILL');
    await sleep(BETWEEN, signal);
  }
}

/** The process itself, where it lives, and what descends from it. Pure. */
export function descendants(root: number, all: readonly Living[]): readonly number[] {
  const found = new Set(all.filter(({ pid, session }) => pid === root || session === root).map(({ pid }) => pid));
  const children = Map.groupBy(all, ({ parent }) => parent);
  // A set grows while it is walked.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  return [...found];
}

/** From the text of /proc/PID/stat; undefined for one that has ended and waits for its parent. Pure. */
export function parseStat(text: string): Living | undefined {
  const [state = 'X', parent, , session] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  return { pid: Number.parseInt(text, 10), parent: Number(parent), session: Number(session) };
}

/** One that has ended counts as gone, also while whoever must take note of it has not done so: a container's process falls to the machine's init when its monitor is killed, too. */
export function isAlive(pid: number): boolean {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8')) !== undefined;
  } catch {
    return false;
  }
}

async function allLiving(): Promise<readonly Living[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) =>
      readFile(`/proc/${pid}/stat`, 'utf8').then(
        (text) => parseStat(text),
        () => undefined, // it ended while we looked
      ),
    ),
  );
  return found.filter((each) => each !== undefined);
}

/** A negative number is a process group. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended meanwhile
  }
}
