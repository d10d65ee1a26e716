/** Processes that belong together: descendants of one, members of its session, and whoever carries a mark in its environment. */

import { readdirSync, readFileSync } from 'node:fs';
import process from 'node:process';

export interface TreeQuery {
  /** Descendants of these, and members of the sessions that they lead. */
  readonly roots?: readonly number[];
  /** `NAME=value` in the environment with which a process began: found also where its parents are gone. */
  readonly mark?: string;
  /** Processes that were there before: none of ours is among them, and they are not looked at. */
  readonly before?: ReadonlySet<number>;
}

/** All that run now. */
function processIds(): ReadonlySet<number> {
  return new Set(
    readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0),
  );
}

let seen: { readonly at: number; readonly ids: ReadonlySet<number> } | undefined;

/** All that run now, or did within the last second: the thirty jobs of a matrix that begin together look once. */
export function processesBefore(): ReadonlySet<number> {
  const now = performance.now();
  if (seen === undefined || now - seen.at > 1000) seen = { at: now, ids: processIds() };
  return seen.ids;
}

interface Entry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
}

/** Living processes only, the roots among them; never ourselves. */
export function findTree({ roots = [], mark, before }: TreeQuery): readonly number[] {
  const all = [...processIds()].filter((pid) => before?.has(pid) !== true).flatMap((pid) => entryOf(pid));
  const found = new Set<number>();
  const leaders = new Set(roots);
  for (const { pid, session } of all) {
    if (leaders.has(pid) || leaders.has(session) || (mark !== undefined && carries(pid, mark))) found.add(pid);
  }
  const children = Map.groupBy(all, ({ parent }) => parent);
  const add = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      if (found.has(child.pid)) continue;
      found.add(child.pid);
      add(child.pid);
    }
  };
  for (const pid of Array.from(found)) add(pid); // what is added meanwhile has added its own
  found.delete(process.pid);
  return [...found];
}

/** Sends a signal to each; who has gone meanwhile is no failure. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // gone, or not ours any more
    }
  }
}

function entryOf(pid: number): Entry[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in brackets may hold spaces and brackets itself.
    const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? [] : [{ pid, parent: Number(parent), session: Number(session) }];
  } catch {
    return [];
  }
}

function carries(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
  } catch {
    return false;
  }
}
