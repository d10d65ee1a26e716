/** Ends our work with the program that started us: what git or ssh has begun must not write to a terminal after it is gone. */

import process from 'node:process';

import { AntlerError } from '../kit/errors.ts';

const EVERY_MS = 500;

export interface ParentWatch extends Disposable {
  /** Aborted with `signal`, and once our parent is another one. */
  readonly signal: AbortSignal;
}

/** A killed parent tells nobody, so it is asked for. */
export function watchParent(signal: AbortSignal): ParentWatch {
  const { ppid } = process;
  const gone = new AbortController();
  const timer = setInterval(() => {
    if (process.ppid !== ppid) gone.abort(new AntlerError('kit/aborted', 'Interrupted'));
  }, EVERY_MS);
  timer.unref();
  return { signal: AbortSignal.any([signal, gone.signal]), [Symbol.dispose]: () => clearInterval(timer) };
}
