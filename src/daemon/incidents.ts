/** Wires incidents and alerts: what is wrong comes from the monitor, rollouts from the record, addresses of webhooks from the vault. */

import type { Vault } from '../actions/actions.ts';
import type { Status } from '../contract/status.ts';
import { isoTime, systemClock } from '../kit/clock.ts';
import { sleep } from '../kit/wait.ts';
import { createAlerts, createIncidents, type Alerts, type Deploy, type Incidents, type Monitor } from '../monitor/monitor.ts';
import type { Platform } from '../store/store.ts';
import type { IncidentRow, Metrics, RolloutRow } from '../store/types.ts';

export interface TellingOptions {
  readonly store: Platform;
  readonly metrics: Metrics;
  readonly vault: Vault;
  /** Of the console, without a slash at its end; `''` where it is not open. */
  readonly consoleUrl: () => string;
  readonly log: (line: string) => void;
}

export interface Telling {
  readonly incidents: Incidents;
  readonly alerts: Alerts;
  /** Open ones, as the board shows them. */
  board(): Status['incidents'];
  /** Looks at what is seen once a second until the signal. */
  run(monitor: Pick<Monitor, 'seen' | 'ring'>, signal: AbortSignal): Promise<void>;
  [Symbol.dispose](): void;
}

const EVERY_MS = 1000;

export function createTelling({ store, metrics, vault, consoleUrl, log }: TellingOptions): Telling {
  const alerts = createAlerts({
    watch: () => store.watch.get(),
    secret: async (name) => (await vault.secrets.open(undefined))[name.toUpperCase()],
    urlOf: (incident) => (consoleUrl() === '' || incident === 0 ? consoleUrl() : `${consoleUrl()}/incidents/${incident}`),
  });
  const incidents = createIncidents({
    store: metrics,
    alerts,
    log,
    clock: systemClock,
    repeatMs: () => store.watch.get()?.repeatMs,
    deploys: (environment, since) => store.rollouts.since(environment, since).map(toDeploy),
  });
  const board = (): Status['incidents'] => incidents.open().map((row) => toShown(row, incidents.flaps(row.cause)));
  return {
    incidents,
    alerts,
    board,
    async run(monitor, signal) {
      await incidents.start();
      let shown = '';
      while (!signal.aborted) {
        incidents.observe(monitor.seen());
        const open = JSON.stringify(board());
        if (open !== shown) monitor.ring();
        shown = open;
        await sleep(EVERY_MS, signal).catch(() => undefined);
      }
    },
    [Symbol.dispose]: () => alerts[Symbol.dispose](),
  };
}

/** As the board shows it. One that comes and goes stays open until it is calm: its services may be well at this moment. Pure. */
export function toShown(row: IncidentRow, flaps: boolean): Status['incidents'][number] {
  const { id, title, severity, openedAt, acknowledgedAt } = row;
  return {
    id,
    title: flaps ? `${title}, again and again` : title,
    severity,
    since: isoTime(openedAt),
    acknowledged: acknowledgedAt !== undefined,
  };
}

function toDeploy(row: RolloutRow): Deploy {
  return { ...row, release: `r${row.release}`, from: row.from === undefined ? undefined : `r${row.from}` };
}
