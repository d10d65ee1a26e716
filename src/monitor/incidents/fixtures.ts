/** For tests: everything that is watched in few words, and a history in memory. */

import type { HealthVerdict } from '../../contract/status.ts';
import type { IncidentEntryRow, IncidentRow } from '../../store/types.ts';
import type { Part } from '../types.ts';
import type { IncidentStore } from './record.ts';
import type { PartState, Seen } from './types.ts';

type Said = HealthVerdict | readonly [verdict: HealthVerdict, since: number];

export interface SeenWords {
  /** `prod/backend`; since `at` unless said. */
  readonly services?: Readonly<Record<string, Said>>;
  readonly monitors?: Readonly<Record<string, Said>>;
  /** Up unless said; `suspect`: its last look was bad. */
  readonly parts?: Partial<Record<Part, 'suspect' | 'down' | readonly ['down', number]>>;
  readonly release?: string;
  readonly reason?: string;
}

export function seenOf(at: number, { services = {}, monitors = {}, parts = {}, release = 'r1', reason = 'refused' }: SeenWords): Seen {
  const state = (name: string, said: Said, of: string) => {
    const [environment = '', service = ''] = of === '' ? ['', name] : name.split('/');
    const [verdict, since] = typeof said === 'string' ? [said, at] : said;
    return { environment, service, release: of, verdict, since, reason: verdict === 'up' ? '' : reason };
  };
  return {
    at,
    services: Object.entries(services).map(([name, said]) => state(name, said, release)),
    monitors: Object.entries(monitors).map(([name, said]) => state(name, said, '')),
    parts: (['engine', 'edge', 'registry'] as const).map((part): PartState => {
      const said = parts[part];
      if (said === undefined) return { part, verdict: 'up', since: 0, reason: '', suspect: false };
      if (said === 'suspect') return { part, verdict: 'up', since: 0, reason: '', suspect: true };
      return { part, verdict: 'down', since: typeof said === 'string' ? at : said[1], reason: 'no answer', suspect: false };
    }),
  };
}

export interface MemoryStore extends IncidentStore {
  readonly rows: Map<number, IncidentRow>;
  readonly entries: IncidentEntryRow[];
  /** `opened prod/backend (r1) is down: refused`, by their time. */
  timeline(id: number): readonly string[];
}

export function createMemoryStore(): MemoryStore {
  const rows = new Map<number, IncidentRow>();
  const entries: IncidentEntryRow[] = [];
  const of = (id: number): IncidentEntryRow[] => entries.filter(({ incident }) => incident === id).sort((a, b) => a.at - b.at);
  return {
    rows,
    entries,
    timeline: (id) => of(id).map(({ kind, text }) => `${kind} ${text}`.trim()),
    saveIncident: async (row) => {
      const id = row.id === 0 ? rows.size + 1 : row.id;
      rows.set(id, { ...row, id });
      return id;
    },
    addEntry: async (entry) => void entries.push(entry),
    incidents: async ({ open, limit }) =>
      [...rows.values()]
        .filter(({ closedAt }) => open !== true || closedAt === undefined)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    incident: async (id) => {
      const incident = rows.get(id);
      return incident === undefined ? undefined : { incident, entries: of(id) };
    },
  };
}
