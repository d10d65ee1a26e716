/** Ends our work with the program that started us: what git or ssh has begun must not write to a terminal after it is gone. */

import process from 'node:process';

import { AntlerError } from '../kit/errors.ts';
import { livingAt } from '../kit/processes.ts';

const EVERY_MS = 500;

export interface ParentWatch extends Disposable {
  /** Aborted with `signal`, and once our parent is another one. */
  readonly signal: AbortSignal;
}

/** A killed parent tells nobody, so it is asked for. Shells in between only wait for us: theirs counts too. */
export function watchParent(signal: AbortSignal): ParentWatch {
  const line = lineage();
  const gone = new AbortController();
  const timer = setInterval(() => {
    if (line.some((pid, index) => parentAt(line, index) !== pid)) gone.abort(new AntlerError('kit/aborted', 'Interrupted'));
  }, EVERY_MS);
  timer.unref();
  return { signal: AbortSignal.any([signal, gone.signal]), [Symbol.dispose]: () => clearInterval(timer) };
}

/** Our parent; where that is a shell also its parent, and so on. */
function lineage(): readonly number[] {
  const line = [process.ppid];
  for (let at = 0; at < 4; at++) {
    const found = livingAt(line[at] ?? 0);
    if (found === undefined || !/^(?:sh|dash|bash|ash|ksh|zsh|fish)$/.test(found.name)) break;
    line.push(found.parent);
  }
  return line;
}

function parentAt(line: readonly number[], index: number): number | undefined {
  return index === 0 ? process.ppid : livingAt(line[index - 1] ?? 0)?.parent;
}
