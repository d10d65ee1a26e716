/** Processes as the kernel tells of them in /proc: who lives, whose child it is, in which session; and the end of a whole family. */

import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

import { sleep } from './wait.ts';

export interface Living {
  readonly pid: number;
  /** The program's file, at most 15 characters. */
  readonly name: string;
  readonly parent: number;
  readonly session: number;
  /** By SIGSTOP, or a debugger. */
  readonly stopped: boolean;
  /** When it began, in ticks since boot: with the pid it names one process for ever. */
  readonly start: string;
}

/** From the text of /proc/PID/stat (proc(5)); undefined for one that has ended and waits for its parent. Pure. */
export function parseStat(text: string): Living | undefined {
  // The name in brackets may hold spaces and brackets itself.
  const close = text.lastIndexOf(')');
  const fields = text.slice(close + 2).split(' ');
  const [state = 'X', parent, , session] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  const name = text.slice(text.indexOf('(') + 1, close);
  const stopped = state === 'T' || state === 't';
  return { pid: Number.parseInt(text, 10), name, parent: Number(parent), session: Number(session), stopped, start: fields[19] ?? '' };
}

/** Undefined where it has ended, or is hidden from us. */
export function livingAt(pid: number): Living | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** One that has ended counts as gone, also while whoever must take note of it has not done so: a container's process falls to the machine's init when its monitor is killed, too. */
export function isAlive(pid: number): boolean {
  return livingAt(pid) !== undefined;
}

/** Of all that run now, those that have ended and wait for their parents among them. */
export function processIds(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0);
}

/** The roots, where they live, what descends from them, and the members of the sessions that they lead. Pure. */
export function familyOf(roots: ReadonlySet<number>, all: readonly Living[]): ReadonlySet<number> {
  const found = new Set(all.filter(({ pid, session }) => roots.has(pid) || roots.has(session)).map(({ pid }) => pid));
  const children = Map.groupBy(all, ({ parent }) => parent);
  // A set grows while it is walked.
  for (const pid of found) for (const child of children.get(pid) ?? []) found.add(child.pid);
  return found;
}

/** A process and its family, at each call: whoever was met once is a root at the next, as a member of its session may have no other tie left. */
export function familyFinder(root: number): () => ReadonlySet<number> {
  const roots = new Set([root]);
  return () => {
    const found = familyOf(
      roots,
      processIds().flatMap((pid) => livingAt(pid) ?? []),
    );
    for (const pid of found) roots.add(pid);
    return found;
  };
}

/** Who has gone meanwhile is no failure. A negative number is a process group. */
export function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // gone, or not ours any more
  }
}

/** For those that fork faster than we stop them, or wait for a device. */
const LOOKS = 50;
const LONGEST_PAUSE_MS = 100;

/**
 * SIGKILL to all that `find` finds, until it finds nobody; false where somebody is left after some seconds.
 * They are stopped first: who is killed between a fork and the look for its child leaves an orphan that nothing leads to.
 */
export async function killAll(find: () => Iterable<number>, signal: AbortSignal): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    if (killOnce(find) === 0) return true;
    await sleep(Math.min(5 * look, LONGEST_PAUSE_MS), signal);
  }
  return false;
}

/** The same without waiting, for the last moment of our own process. */
export function killAllNow(find: () => Iterable<number>): void {
  for (let look = 1; look <= LOOKS; look += 1) if (killOnce(find) === 0) return;
}

/** How many there were. */
function killOnce(find: () => Iterable<number>): number {
  const stopped = new Set<number>();
  for (let look = 1; look <= LOOKS; look += 1) {
    const resting = [...stopped].every((pid) => atRest(pid)); // before the look: what is not may fork after it
    const fresh = [...find()].filter((pid) => !stopped.has(pid));
    if (fresh.length === 0 && resting) break;
    for (const pid of fresh) {
      sendSignal(pid, 'SIGSTOP');
      stopped.add(pid);
    }
  }
  for (const pid of stopped) sendSignal(pid, 'SIGKILL');
  return stopped.size;
}

/** A signal is heard when a process runs: until then it may be amid a fork. */
function atRest(pid: number): boolean {
  return livingAt(pid)?.stopped !== false;
}
