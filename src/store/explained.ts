/** What SQLite refuses for a fault of the disk, told with a code and what to do: `store/failed`. */

import { AntlerError } from '../kit/errors.ts';
import { failureOf, type Failure } from './metrics/schema.ts';

const WHY: Readonly<Record<Failure, string>> = {
  full: 'the disk is full',
  'read-only': 'it is read-only',
  broken: 'it is damaged',
  busy: 'another process holds it',
  failed: 'its disk does not do what it shall',
};
/** The code's own hint says the rest. */
const HINTS: Partial<Readonly<Record<Failure, string>>> = {
  full: 'Make room on its disk (`antler images ls` and `journalctl --vacuum-size=100M` are where to look first), then do it again: nothing has to be restarted',
  'read-only': 'Make its disk writable again, then do it again: nothing has to be restarted',
};

/** The same functions; what is no fault of the disk is thrown as it is. */
export function explained<T extends object>(store: T, path: string): T {
  const entries = Object.entries(store).map(([name, work]: [string, unknown]) => [name, isFunction(work) ? told(work, path) : work]);
  return Object.fromEntries(entries) as T;
}

type Work = (...args: readonly unknown[]) => unknown;

function isFunction(value: unknown): value is Work {
  return typeof value === 'function';
}

function told(work: Work, path: string): Work {
  return (...args) => {
    try {
      return work(...args);
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined) throw error;
      const hint = HINTS[failure];
      const options = { at: path, cause: error, ...(hint === undefined ? {} : { hint }) };
      throw new AntlerError('store/failed', `Cannot use ${path} as ${WHY[failure]}: ${String(error)}`, options);
    }
  };
}
