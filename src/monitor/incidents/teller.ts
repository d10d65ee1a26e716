/** Has people told of an incident, and writes into its timeline what came of it; after a restart, of what nobody was told yet. */

import type { Clock } from '../../kit/clock.ts';
import { sleep } from '../../kit/wait.ts';
import type { IncidentEntryRow } from '../../store/types.ts';
import type { Alerts } from '../alerts/alerts.ts';
import type { Alert } from '../alerts/types.ts';
import { settledChannels, toldEntry } from './lines.ts';
import { createRecord, type IncidentRecord, type IncidentStore } from './record.ts';

export interface TellerOptions {
  readonly alerts: Pick<Alerts, 'tell' | 'channels'>;
  readonly clock: Clock;
  readonly log: (line: string) => void;
}

export interface News {
  readonly state: Alert['state'];
  readonly reason: string;
  /** These channels; all by default. */
  readonly only?: readonly string[];
}

export interface Teller {
  tell(record: IncidentRecord, news: News): void;
  /** Tells what was not told, and gives back what is open. */
  catchUp(store: IncidentStore): Promise<readonly { readonly record: IncidentRecord; readonly entries: readonly IncidentEntryRow[] }[]>;
}

/** An alert names its incident by a number: so long it waits for a database that does not answer. */
const ID_MS = 2000;
/** An end that is older than this is no news. */
const NEWS_MS = 60 * 60_000;

export function createTeller({ alerts, clock, log }: TellerOptions): Teller {
  const turns = new WeakMap<IncidentRecord, Promise<void>>();
  const tellNow = (record: IncidentRecord, alert: Omit<Alert, 'id'>, only: readonly string[] | undefined): void => {
    const failed = new Set<string>();
    alerts.tell(
      { ...alert, id: record.row.id },
      {
        ...(only === undefined ? {} : { only }),
        onTold(told) {
          const again = failed.has(told.channel) && told.againMs !== undefined;
          if (!told.ok) failed.add(told.channel);
          if (!again) record.put(record.row, [toldEntry(alert.state, told, clock.now())]); // of many tries in vain the first and the last
        },
      },
    );
  };
  const tell: Teller['tell'] = (record, { state, reason, only }) => {
    const { title, severity, environment, release, subjects, openedAt } = record.row;
    const alert = { state, severity, title: titleOf(title, state), environment, release, reason, subjects, since: openedAt };
    const turn = async (before: Promise<void> | undefined): Promise<void> => {
      await before;
      const timer = new AbortController();
      if (record.row.id === 0) await Promise.race([record.written(), sleep(ID_MS, timer.signal).catch(() => undefined)]);
      timer.abort();
      tellNow(record, alert, only);
    };
    turns.set(record, turn(turns.get(record)));
  };
  return {
    tell,
    async catchUp(store) {
      const open = [];
      const rows = new Map(
        [...(await store.incidents({ limit: 20 })), ...(await store.incidents({ open: true, limit: 1000 }))].map((row) => [row.id, row]),
      );
      for (const row of rows.values()) {
        const entries = (await store.incident(row.id))?.entries ?? [];
        const record = createRecord(row, store, log);
        const missing = (state: Alert['state'], of: readonly string[]): readonly string[] => {
          const settled = settledChannels(entries, state);
          return of.filter((channel) => !settled.includes(channel));
        };
        if (row.closedAt === undefined) {
          open.push({ record, entries });
          const begun = ['open', 'flapping'] as const;
          const told = begun.flatMap((state) => settledChannels(entries, state));
          const only = alerts.channels().filter((channel) => !told.includes(channel));
          if (only.length > 0) tell(record, { state: 'open', reason: reasonOf(entries, 'opened'), only });
        } else if (clock.now() - row.closedAt < NEWS_MS && !reasonOf(entries, 'closed').startsWith('goes on')) {
          const only = missing('closed', settledChannels(entries, 'open'));
          if (only.length > 0) tell(record, { state: 'closed', reason: reasonOf(entries, 'closed'), only });
        }
      }
      return open;
    },
  };
}

function titleOf(title: string, state: Alert['state']): string {
  if (state === 'closed') return `Well again: ${title}`;
  if (state === 'flapping') return `${title}, again and again: told once more when it is calm`;
  return title;
}

function reasonOf(entries: readonly IncidentEntryRow[], kind: 'opened' | 'closed'): string {
  return entries.findLast((entry) => entry.kind === kind)?.text ?? '';
}
