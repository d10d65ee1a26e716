/** What is watched outside, who is told and who may look: as an operator took it over last. */

import type { DatabaseSync } from 'node:sqlite';

import type { WatchSpec } from '../config/types.ts';
import type { Clock } from '../kit/clock.ts';
import { parseJson, text } from './rows.ts';

export interface WatchStore {
  get(): WatchSpec | undefined;
  set(spec: WatchSpec): void;
}

export function watchStore(db: DatabaseSync, clock: Clock): WatchStore {
  return {
    get() {
      const row = db.prepare('SELECT spec FROM watch').get();
      return row === undefined ? undefined : parseJson<WatchSpec>(text(row, 'spec'));
    },
    set(spec) {
      db.prepare(
        `INSERT INTO watch (one, spec, updated_at) VALUES (1, ?, ?)
         ON CONFLICT (one) DO UPDATE SET spec = excluded.spec, updated_at = excluded.updated_at`,
      ).run(JSON.stringify(spec), clock.now());
    },
  };
}
