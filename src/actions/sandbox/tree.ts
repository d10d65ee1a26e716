/** Processes that belong to a job on the machine itself: descendants of one, members of its session, and whoever carries a mark in its environment. */

import { readFileSync } from 'node:fs';
import process from 'node:process';

import { familyOf, livingAt, processIds } from '../../kit/processes.ts';

export interface TreeQuery {
  /** Descendants of these, and members of the sessions that they lead. */
  readonly roots?: readonly number[];
  /** `NAME=value` in the environment with which a process began: found also where its parents are gone. */
  readonly mark?: string;
  /** Processes that were there before: none of ours is among them, and they are not looked at. */
  readonly before?: ReadonlySet<number>;
}

let seen: { readonly at: number; readonly ids: ReadonlySet<number> } | undefined;

/** All that run now, or did within the last second: the thirty jobs of a matrix that begin together look once. */
export function processesBefore(): ReadonlySet<number> {
  const now = performance.now();
  if (seen === undefined || now - seen.at > 1000) seen = { at: now, ids: new Set(processIds()) };
  return seen.ids;
}

/** Living processes only, the roots among them; never ourselves. */
export function findTree({ roots = [], mark, before }: TreeQuery): readonly number[] {
  const all = processIds()
    .filter((pid) => before?.has(pid) !== true)
    .map((pid) => livingAt(pid))
    .filter((living) => living !== undefined);
  const marked = mark === undefined ? [] : all.filter(({ pid }) => carries(pid, mark)).map(({ pid }) => pid);
  const found = new Set(familyOf(new Set([...roots, ...marked]), all));
  found.delete(process.pid);
  return [...found];
}

function carries(pid: number, mark: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark);
  } catch {
    return false;
  }
}
