/** Incidents: opens, follows and closes them by what is seen, keeps their timelines, and has people told. */

import type { HealthVerdict } from '../../contract/status.ts';
import type { Clock } from '../../kit/clock.ts';
import { AntlerError, toAntlerError } from '../../kit/errors.ts';
import type { IncidentRow } from '../../store/types.ts';
import type { Alerts } from '../alerts/alerts.ts';
import { changes, type Change } from './changes.ts';
import { withEvidence, type EntryWithEvidence } from './evidence.ts';
import { createFlapping } from './flapping.ts';
import { deployEntry } from './lines.ts';
import { createRecord, type IncidentRecord, type IncidentStore } from './record.ts';
import { clean, keyOf, nameOf, subjectsOf } from './subjects.ts';
import { createTeller } from './teller.ts';
import type { Deploy, Entry, Seen, SubjectKey } from './types.ts';

export interface IncidentsOptions {
  readonly store: IncidentStore;
  readonly alerts: Pick<Alerts, 'tell' | 'channels'>;
  /** Rollouts of an environment that began or ended since then, by their begin. */
  readonly deploys: (environment: string, since: number) => readonly Deploy[];
  readonly repeatMs: () => number | undefined;
  readonly clock: Clock;
  /** Monotonic milliseconds, the same as the monitor’s; the process’s own by default. */
  readonly steady?: () => number;
  readonly log: (line: string) => void;
}

export interface Incidents {
  /** Reads those back that were open; what nobody was told of is told now. Before that nothing is observed. */
  start(): Promise<void>;
  /** Returns at once, never throws: writing and telling go on behind it. */
  observe(seen: Seen): void;
  /** Those that are open, newest first. */
  open(): readonly IncidentRow[];
  /** It comes and goes, so that people are not told of each time. */
  flaps(cause: string): boolean;
  list(query: { readonly open: boolean; readonly limit: number }): Promise<readonly IncidentRow[]>;
  /** Throws `monitor/unknown-incident`. */
  get(id: number): Promise<IncidentWithEntries>;
  /** Ends its reminders. The first one stays. Throws `monitor/unknown-incident`, `monitor/incident-closed`. */
  acknowledge(id: number, actor: string): Promise<IncidentWithEntries>;
  /** Throws `monitor/unknown-incident`. */
  note(id: number, note: { readonly text: string; readonly actor: string }): Promise<IncidentWithEntries>;
}

export interface IncidentWithEntries {
  readonly incident: IncidentRow;
  readonly entries: readonly EntryWithEvidence[];
}

interface Live {
  readonly record: IncidentRecord;
  unwell: ReadonlySet<SubjectKey>;
  /** What the timeline says of rollouts already. */
  readonly deploys: Set<string>;
  /** Steady, as its begin is. */
  toldAt: number;
  readonly steadySince: number;
}

/** Rollouts so long before an incident are in its timeline. */
const DEPLOYS_BEFORE_MS = 15 * 60_000;
/** What has fallen so long before may be in its first line. */
const CHANGED_BEFORE_MS = 15 * 60_000;
/** What is not there for so long is not watched any more. */
const GONE_MS = 60_000;

export function createIncidents(options: IncidentsOptions): Incidents {
  const { store, clock, log, steady = () => performance.now() } = options;
  const flapping = createFlapping(steady);
  const teller = createTeller(options);
  let live: readonly Live[] = [];
  let verdicts: ReadonlyMap<SubjectKey, HealthVerdict> = new Map();
  const absent = new Map<SubjectKey, number>();
  let started = false;

  const apply = (change: Change): Live | undefined => {
    switch (change.kind) {
      case 'open': {
        const record = createRecord(change.row, store, log);
        record.put(change.row, change.entries);
        const starts = flapping.changed(change.row.cause);
        teller.tell(record, { state: starts ? 'flapping' : 'open', reason: change.reason });
        return { record, unwell: change.unwell, deploys: new Set(), toldAt: steady(), steadySince: steady() };
      }
      case 'keep': {
        const found = live.find(({ record }) => record.row.cause === change.was);
        if (found === undefined) return undefined;
        found.record.put(change.row, change.entries);
        if ((found.unwell.size === 0) !== (change.unwell.size === 0)) flapping.changed(change.was);
        found.unwell = change.unwell;
        if (change.worse && !flapping.has(change.was)) teller.tell(found.record, { state: 'worse', reason: change.reason });
        return found;
      }
      case 'close': {
        const found = live.find(({ record }) => record.row.cause === change.row.cause);
        found?.record.put({ ...found.record.row, closedAt: change.row.closedAt }, change.entries);
        if (found === undefined || change.merged) return undefined;
        if (flapping.has(change.row.cause)) flapping.over(change.row.cause);
        else flapping.changed(change.row.cause);
        teller.tell(found.record, { state: 'closed', reason: change.entries.at(-1)?.text ?? '' });
        return undefined;
      }
      default:
        return change satisfies never;
    }
  };

  /** What is not watched any more holds no incident open. */
  const dropGone = (seen: Seen): void => {
    const known = subjectsOf(seen);
    for (const each of live) {
      for (const key of each.unwell) {
        if (known.has(key)) absent.delete(key);
        else if (!absent.has(key)) absent.set(key, seen.steady);
        else if (seen.steady - (absent.get(key) ?? 0) >= GONE_MS) {
          each.unwell = new Set([...each.unwell].filter((other) => other !== key));
          each.record.put(each.record.row, [
            { at: seen.at, kind: 'transition', text: `${nameOf(key)}: is not watched any more`, actor: '' },
          ]);
          absent.delete(key);
        }
      }
    }
  };

  const addDeploys = ({ record, deploys }: Live): void => {
    const { row } = record;
    const environments = new Set(row.subjects.filter((name) => name.includes('/')).map((name) => name.slice(0, name.lastIndexOf('/'))));
    const fresh = [...environments]
      .flatMap((environment) => options.deploys(environment, row.openedAt - DEPLOYS_BEFORE_MS))
      .map(deployEntry)
      .filter(({ text }) => !deploys.has(text));
    for (const { text } of fresh) deploys.add(text);
    record.put(row, fresh);
  };

  const remind = (each: Live): void => {
    const { row } = each.record;
    const repeatMs = options.repeatMs();
    if (repeatMs === undefined || row.acknowledgedAt !== undefined || flapping.has(row.cause)) return;
    if (steady() - each.toldAt < repeatMs) return;
    each.toldAt = steady();
    teller.tell(each.record, { state: 'reminder', reason: '' });
  };

  const observe = (seen: Seen): void => {
    dropGone(seen);
    for (const each of live) addDeploys(each); // also the one that mended it
    const before = new Set(live);
    const held = live.map(({ record, unwell, steadySince }) => ({ row: record.row, unwell, steadySince }));
    live = changes(seen, { held, verdicts, flapping: flapping.causes() })
      .map(apply)
      .filter((each) => each !== undefined);
    verdicts = new Map([...subjectsOf(seen)].map(([key, { verdict }]) => [key, verdict]));
    for (const each of live) {
      if (!before.has(each)) addDeploys(each);
      remind(each);
    }
  };

  /** Of a time that was written down; one that is still to come was written before the clock was set back. */
  const ago = (at: number): number => steady() - Math.max(0, clock.now() - at);

  const find = async (id: number): Promise<IncidentWithEntries> => {
    await live.find(({ record }) => record.row.id === id)?.record.written();
    const found = await store.incident(id);
    if (found === undefined) throw new AntlerError('monitor/unknown-incident', `Cannot find an incident ${id}`);
    const { openedAt, closedAt = clock.now(), environment } = found.incident;
    const where = environment === '' ? {} : { environment };
    const changed = await store.transitions({ from: openedAt - CHANGED_BEFORE_MS, to: closedAt + 1, ...where });
    return { ...found, entries: withEvidence(found.entries, changed) };
  };
  const open = (): IncidentRow[] =>
    live
      .map(({ record }) => record.row)
      .filter(({ id }) => id !== 0)
      .sort((a, b) => b.openedAt - a.openedAt || b.id - a.id);

  return {
    async start() {
      try {
        live = (await teller.catchUp(store)).map(({ record, entries }): Live => ({
          record,
          unwell: new Set(record.row.subjects.map((name) => keyOf(name, record.row.cause))),
          deploys: new Set(entries.filter(({ kind }) => kind === 'deploy').map(({ text }) => text)),
          toldAt: ago(Math.max(record.row.openedAt, ...entries.filter(({ kind }) => kind === 'notified').map(({ at }) => at))),
          steadySince: ago(record.row.openedAt),
        }));
      } catch (error) {
        log(`incidents: those that were open cannot be read: ${toAntlerError(error).message}`);
      }
      started = true;
    },
    observe(seen) {
      if (!started) return;
      try {
        observe(seen);
      } catch (error) {
        log(`incidents: ${toAntlerError(error).stack ?? ''}`);
      }
    },
    open,
    flaps: (cause) => flapping.has(cause),
    list: async ({ open: onlyOpen, limit }) => (onlyOpen ? open().slice(0, limit) : store.incidents({ limit })),
    get: find,
    async acknowledge(id, actor) {
      const { incident } = await find(id);
      const here = live.find(({ record }) => record.row.id === id);
      if (here === undefined) {
        throw new AntlerError('monitor/incident-closed', `Cannot acknowledge incident ${id} as it has closed: “${incident.title}”`);
      }
      if (here.record.row.acknowledgedAt === undefined) {
        const at = clock.now();
        here.record.put({ ...here.record.row, acknowledgedAt: at, acknowledgedBy: actor }, [
          entry('acknowledged', { at, text: '', actor }),
        ]);
      }
      return find(id);
    },
    async note(id, { text, actor }) {
      const { incident } = await find(id);
      const record = live.find((each) => each.record.row.id === id)?.record ?? createRecord(incident, store, log);
      record.put(record.row, [entry('note', { at: clock.now(), text: text.split('\n').map(clean).join('\n'), actor })]);
      await record.written();
      return find(id);
    },
  };
}

function entry(kind: Entry['kind'], rest: Omit<Entry, 'kind'>): Entry {
  return { kind, ...rest };
}
