/** Processes that belong to a job on the machine itself: whoever carries its mark in the environment, and their families. */

import { readFileSync } from 'node:fs';
import process from 'node:process';

import { familyOf, livingAt, processIds } from '../../kit/processes.ts';

interface TreeQuery {
  /** `NAME=value` in the environment with which a process began: found also where its parents are gone. */
  readonly mark: string;
  /** Processes that were there before: none of ours is among them, and they are not looked at. */
  readonly before: ReadonlySet<number>;
}

let seen: { readonly at: number; readonly ids: ReadonlySet<number> } | undefined;

/** All that run now, or did within the last second: the thirty jobs of a matrix that begin together look once. */
export function processesBefore(): ReadonlySet<number> {
  const now = performance.now();
  if (seen === undefined || now - seen.at > 1000) seen = { at: now, ids: new Set(processIds()) };
  return seen.ids;
}

/** Living processes only; never ourselves. */
export function findTree({ mark, before }: TreeQuery): readonly number[] {
  const all = processIds()
    .filter((pid) => !before.has(pid))
    .map((pid) => livingAt(pid))
    .filter((living) => living !== undefined);
  const marked = all.filter(({ pid }) => carries(pid, mark)).map(({ pid }) => pid);
  const found = new Set(familyOf(new Set(marked), all));
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
