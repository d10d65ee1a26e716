/** What is watched outside, who is told and who may look: as an operator took it over last. */

import type { DatabaseSync } from 'node:sqlite';

import type { WatchSpec } from '../config/types.ts';
import type { Clock } from '../kit/clock.ts';
import { parseJson, text } from './rows.ts';

export interface WatchStore {
  /** The same object until it is set again: it is asked every second. */
  get(): WatchSpec | undefined;
  set(spec: WatchSpec): void;
}

export function watchStore(db: DatabaseSync, clock: Clock): WatchStore {
  const read = (): WatchSpec | undefined => {
    const row = db.prepare('SELECT spec FROM watch').get();
    return row === undefined ? undefined : parseJson<WatchSpec>(text(row, 'spec'));
  };
  let known = read();
  return {
    get: () => known,
    set(spec) {
      db.prepare(
        `INSERT INTO watch (one, spec, updated_at) VALUES (1, ?, ?)
         ON CONFLICT (one) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`,
      ).run(JSON.stringify(spec), clock.now());
      known = spec;
    },
  };
}
