/** Incidents and entries that are not written yet: who asks gets them as if they were. */

import type { IncidentEntryRow, IncidentRow } from './types.ts';

export interface Pending {
  /** An id that no incident has; `known` is the highest that is known. */
  nextIncident(known: number): number;
  /** Remembers it; returns what forgets it again. */
  incident(row: IncidentRow): () => void;
  entry(row: IncidentEntryRow): () => void;
  get(id: number): IncidentRow | undefined;
  entries(incident: number): readonly IncidentEntryRow[];
  /** What was read, with what is newer here. Newest first. */
  merge(read: readonly IncidentRow[], query: { readonly open?: boolean; readonly limit: number }): readonly IncidentRow[];
}

export function createPending(): Pending {
  let highest = 0;
  const incidents = new Map<number, IncidentRow>();
  const entries = new Set<IncidentEntryRow>();
  return {
    nextIncident(known) {
      highest = Math.max(highest, known) + 1;
      return highest;
    },
    incident(row) {
      incidents.set(row.id, row);
      return () => {
        if (incidents.get(row.id) === row) incidents.delete(row.id);
      };
    },
    entry(row) {
      entries.add(row);
      return () => entries.delete(row);
    },
    get: (id) => incidents.get(id),
    entries: (incident) => [...entries].filter((row) => row.incident === incident),
    merge(read, { open, limit }) {
      const fits = (row: IncidentRow): boolean => open === undefined || open === (row.closedAt === undefined);
      const all = new Map([...read, ...incidents.values()].map((row) => [row.id, row]));
      return [...all.values()]
        .filter((row) => fits(row))
        .sort((a, b) => b.id - a.id)
        .slice(0, limit);
    },
  };
}
