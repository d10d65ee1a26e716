/** For tests: everything that is watched in few words, and a history in memory. */

import { setImmediate } from 'node:timers/promises';

import type { HealthVerdict } from '../../contract/status.ts';
import type { IncidentEntryRow, IncidentRow, TransitionRow } from '../../store/types.ts';
import type { Alert, Told } from '../alerts/types.ts';
import type { Part } from '../types.ts';
import { createIncidents, type IncidentsOptions } from './incidents.ts';
import type { IncidentStore } from './record.ts';
import type { PartState, Seen } from './types.ts';

type Said = HealthVerdict | readonly [verdict: HealthVerdict, since: number];

export interface SeenWords {
  /** `prod/backend`; since `at` unless said. */
  readonly services?: Readonly<Record<string, Said>>;
  readonly monitors?: Readonly<Record<string, Said>>;
  /** Up unless said; `suspect`: its last look was bad. */
  readonly parts?: Partial<Record<Part, 'suspect' | 'down' | readonly ['down' | 'degraded', number]>>;
  readonly release?: string;
  readonly reason?: string;
}

/** `at` on the wall's clock; times since are steady ones. */
export function seenOf(
  at: number,
  { services = {}, monitors = {}, parts = {}, release = 'r1', reason = 'refused' }: SeenWords,
  steady = at,
): Seen {
  const state = (name: string, said: Said, of: string) => {
    const [environment = '', service = ''] = of === '' ? ['', name] : name.split('/');
    const [verdict, steadySince] = typeof said === 'string' ? [said, steady] : said;
    return { environment, service, release: of, verdict, since: steadySince, steadySince, reason: verdict === 'up' ? '' : reason };
  };
  return {
    at,
    steady,
    services: Object.entries(services).map(([name, said]) => state(name, said, release)),
    monitors: Object.entries(monitors).map(([name, said]) => state(name, said, '')),
    parts: (['engine', 'edge', 'registry'] as const).map((part): PartState => {
      const said = parts[part];
      if (said === undefined) return { part, verdict: 'up', since: 0, steadySince: 0, reason: '', suspect: false };
      if (said === 'suspect') return { part, verdict: 'up', since: 0, steadySince: 0, reason: '', suspect: true };
      const [verdict, steadySince] = typeof said === 'string' ? [said, steady] : said;
      return { part, verdict, since: steadySince, steadySince, reason: 'no answer', suspect: false };
    }),
  };
}

export interface MemoryStore extends IncidentStore {
  readonly rows: Map<number, IncidentRow>;
  readonly entries: IncidentEntryRow[];
  readonly changes: TransitionRow[];
  /** `opened prod/backend (r1) is down: refused`, by their time. */
  timeline(id: number): readonly string[];
}

export function createMemoryStore(): MemoryStore {
  const rows = new Map<number, IncidentRow>();
  const entries: IncidentEntryRow[] = [];
  const changes: TransitionRow[] = [];
  const of = (id: number): IncidentEntryRow[] => entries.filter(({ incident }) => incident === id).sort((a, b) => a.at - b.at);
  return {
    rows,
    entries,
    changes,
    timeline: (id) => of(id).map(({ kind, text }) => `${kind} ${text}`.trim()),
    saveIncident: async (row) => {
      const id = row.id === 0 ? rows.size + 1 : row.id;
      rows.set(id, { ...row, id });
      return id;
    },
    transitions: async ({ from, to }) => changes.filter(({ at }) => at >= from && at < to),
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

interface HouseOptions extends Partial<Pick<IncidentsOptions, 'deploys' | 'repeatMs'>> {
  readonly store?: MemoryStore;
  /** What the channel says before it takes an alert. */
  readonly tries?: readonly string[];
  /** Alerts that are lost. */
  readonly mute?: boolean;
}

/** Incidents with a clock, a store and one channel of their own. */
export async function createHouse({
  store = createMemoryStore(),
  mute = false,
  tries = [],
  deploys = () => [],
  repeatMs = () => undefined,
}: HouseOptions = {}) {
  const told: string[] = [];
  const lines: string[] = [];
  const clock = { at: 0, steady: 0, now: () => clock.at };
  const incidents = createIncidents({
    store,
    clock,
    steady: () => clock.steady,
    deploys,
    repeatMs,
    log: (line) => lines.push(line),
    alerts: {
      channels: () => ['chat'],
      tell: (alert: Alert, { onTold }: { readonly onTold: (told: Told) => void }) => {
        if (mute) return;
        told.push(`${alert.state} ${alert.title}`);
        for (const detail of tries) onTold({ channel: 'chat', ok: false, detail, againMs: 2000 });
        onTold({ channel: 'chat', ok: true, detail: 'answers 200', againMs: undefined });
      },
    },
  });
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  };
  await incidents.start();
  await settle();
  return {
    incidents,
    store,
    told,
    lines,
    open: () =>
      incidents
        .open()
        .map(({ cause }) => cause)
        .sort(),
    /** Seconds; `jump`: so far the wall's clock has been set forward. */
    see: async (at: number, words: SeenWords, jump = 0) => {
      clock.steady = at * 1000;
      clock.at = (at + jump) * 1000;
      incidents.observe(seenOf(clock.at, words, clock.steady));
      await settle();
    },
  };
}
