/** One incident as it is kept: writes go out in their order, and nobody waits for the database. */

import { toAntlerError } from '../../kit/errors.ts';
import type { IncidentRow, Metrics } from '../../store/types.ts';
import type { Entry } from './types.ts';

export type IncidentStore = Pick<Metrics, 'saveIncident' | 'addEntry' | 'incidents' | 'incident' | 'transitions'>;

export interface IncidentRecord {
  /** As it is; its id is 0 until it is saved. */
  readonly row: IncidentRow;
  /** Changes it where `next` differs, and adds lines. */
  put(next: IncidentRow, entries: readonly Entry[]): void;
  /** All that was put is written. */
  written(): Promise<void>;
}

export function createRecord(first: IncidentRow, store: IncidentStore, log: (line: string) => void): IncidentRecord {
  let row = first;
  let tail = Promise.resolve();
  const write = async (changed: IncidentRow | undefined, entries: readonly Entry[]): Promise<void> => {
    try {
      if (changed !== undefined) {
        const id = await store.saveIncident({ ...changed, id: row.id });
        row = { ...row, id };
      }
      for (const entry of entries) await store.addEntry({ ...entry, incident: row.id });
    } catch (error) {
      log(`incidents: ${row.cause} cannot be written: ${toAntlerError(error).message}`);
    }
  };
  return {
    get row() {
      return row;
    },
    put(next, entries) {
      const changed = row.id === 0 || !same(row, next) ? next : undefined;
      row = { ...next, id: row.id };
      if (changed !== undefined || entries.length > 0) tail = tail.then(async () => write(changed, entries));
    },
    written: async () => tail,
  };
}

function same(a: IncidentRow, b: IncidentRow): boolean {
  return JSON.stringify({ ...a, id: 0 }) === JSON.stringify({ ...b, id: 0 });
}
