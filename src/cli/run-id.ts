/** The number of a run as people type it. */

import { AntlerError } from '../kit/errors.ts';

/** 7 of `7`, `#7` and `run 7`'s last word. Throws `cli/usage`. */
export function runIdOf(text: string): number {
  const digits = /^#?([1-9]\d{0,8})$/.exec(text)?.[1];
  if (digits === undefined)
    throw new AntlerError('cli/usage', `Cannot take ${JSON.stringify(text)} as a run: it is a number, e.g. 7`, {
      hint: 'Type `antler runs`',
    });
  return Number(digits);
}
