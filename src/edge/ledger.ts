/** Adds up what the ring tells, and sets it against what each worker counted itself: the difference is `unseen`. */

import { addLatency, bucketOf } from './latency.ts';
import type { StatRow } from './replies.ts';
import { outcomeOf, releaseOf, type RequestLine } from './ring.ts';
import type { Traffic } from './types.ts';

/** One worker's count of one server, or of one backend as a whole (`BACKEND`). */
interface Count {
  /** Lines of finished requests from the ring. */
  lines: number;
  /** The same by HAProxy's counters. */
  counted: number;
  /** Requests that were under way at the last look. */
  open: number;
}

/** What must outlive a daemon for the next one to know what it missed: key `<pid> <backend> <server>` → lines. */
export type LedgerMemory = Readonly<Record<string, { readonly lines: number; readonly unseen: number }>>;

export interface Ledger {
  line(line: RequestLine): void;
  counters(pid: number, rows: readonly StatRow[]): void;
  /** The worker is gone; what it had under way has no line. */
  died(pid: number): void;
  /** Has the ring told all that was counted? */
  settled(pid: number): boolean;
  /** Requests under way at the last look. */
  open(): number;
  /** By environment × service × release. */
  totals(): readonly Traffic[];
  memory(): LedgerMemory;
}

const WHOLE = 'BACKEND';

/** `serving` tells whether a backend has a server with weight: without one a 503 loses nothing. */
export function createLedger(before: LedgerMemory, serving: (backend: string) => boolean): Ledger {
  const totals = new Map<string, Traffic>();
  const counts = new Map<string, Count>();
  const gone = new Set<number>();
  const count = (pid: number, backend: string, server: string): Count => {
    const key = `${pid} ${backend} ${server}`;
    const found = counts.get(key) ?? { lines: before[key]?.lines ?? 0, counted: 0, open: 0 };
    counts.set(key, found);
    return found;
  };
  const total = (backend: string, release: string): Traffic => {
    const [environment = '', service = ''] = backend.split(':');
    return (
      totals.get(`${backend} ${release}`) ?? {
        environment,
        service,
        release,
        served: 0,
        errors: 0,
        lost: 0,
        aborted: 0,
        unseen: 0,
        latency: [],
      }
    );
  };
  const missing = (key: string): number => {
    const { lines, counted } = counts.get(key) ?? { lines: 0, counted: 0 };
    return Math.max(0, counted - lines - (before[key]?.unseen ?? 0));
  };

  return {
    line(line) {
      const backend = backendOf(line.backend);
      if (backend === undefined) return;
      const release = line.responded ? releaseOf(line.server) : 'none';
      const nobody = line.server === '<NOSRV>' && line.status === 503 && !serving(backend);
      if (!line.probe) totals.set(`${backend} ${release}`, add(total(backend, release), line, nobody));
      if (backend !== line.backend || !isFinal(line.status)) return; // refused before a backend was chosen, or 1xx: HAProxy counts these elsewhere
      count(line.pid, backend, WHOLE).lines++;
      if (line.responded) count(line.pid, backend, line.server).lines++;
    },
    counters(pid, rows) {
      for (const row of rows) {
        if (row.server === 'FRONTEND' || backendOf(row.proxy) !== row.proxy) continue;
        const found = count(pid, row.proxy, row.server);
        found.counted = Math.max(found.counted, row.responses);
        found.open = row.sessions;
      }
    },
    died(pid) {
      if (gone.has(pid)) return;
      gone.add(pid);
      // As many were under way as at the last look: what began since then came and went by the lines, or left no trace at all.
      for (const [key, found] of counts) if (key.startsWith(`${pid} `)) found.counted = Math.max(found.counted, found.lines) + found.open;
    },
    settled(pid) {
      return [...counts].every(([key, { lines, counted }]) => !key.startsWith(`${pid} `) || lines >= counted);
    },
    open() {
      const whole = [...counts].filter(([key]) => key.endsWith(` ${WHOLE}`) && !gone.has(Number(key.split(' ')[0])));
      return whole.reduce((sum, [, { open }]) => sum + open, 0);
    },
    totals() {
      const all = new Map(totals);
      const addUnseen = (backend: string, release: string, unseen: number): void => {
        const key = `${backend} ${release}`;
        const found = all.get(key) ?? total(backend, release);
        if (unseen > 0) all.set(key, { ...found, unseen: found.unseen + unseen });
      };
      const byServer = new Map<string, number>();
      for (const key of counts.keys()) {
        const [pid = '', backend = '', server = ''] = key.split(' ');
        if (server === WHOLE) continue;
        addUnseen(backend, releaseOf(server), missing(key));
        byServer.set(`${pid} ${backend}`, (byServer.get(`${pid} ${backend}`) ?? 0) + missing(key));
      }
      for (const key of counts.keys()) {
        const [pid = '', backend = '', server = ''] = key.split(' ');
        if (server === WHOLE) addUnseen(backend, 'none', Math.max(0, missing(key) - (byServer.get(`${pid} ${backend}`) ?? 0)));
      }
      return [...all.values()];
    },
    memory() {
      const alive = [...counts].filter(([key]) => !gone.has(Number(key.split(' ')[0])));
      return Object.fromEntries(alive.map(([key, { lines }]) => [key, { lines, unseen: missing(key) + (before[key]?.unseen ?? 0) }]));
    },
  };
}

/** What came between two looks; only what changed. */
export function trafficSince(now: readonly Traffic[], then: readonly Traffic[]): Traffic[] {
  const before = new Map(then.map((traffic) => [keyOf(traffic), traffic]));
  return now
    .map((traffic) => {
      const old = before.get(keyOf(traffic));
      if (old === undefined) return traffic;
      return {
        ...traffic,
        served: traffic.served - old.served,
        errors: traffic.errors - old.errors,
        lost: traffic.lost - old.lost,
        aborted: traffic.aborted - old.aborted,
        unseen: traffic.unseen - old.unseen,
        latency: addLatency(
          traffic.latency,
          old.latency.map((each) => -each),
        ),
      };
    })
    .filter(({ served, lost, aborted, unseen }) => served !== 0 || lost !== 0 || aborted !== 0 || unseen !== 0);
}

function keyOf({ environment, service, release }: Traffic): string {
  return `${environment}:${service} ${release}`;
}

function add(traffic: Traffic, line: RequestLine, nobody: boolean): Traffic {
  const outcome = nobody ? 'aborted' : outcomeOf(line);
  switch (outcome) {
    case 'lost':
      return { ...traffic, lost: traffic.lost + 1 };
    case 'aborted':
      return { ...traffic, aborted: traffic.aborted + 1 };
    case 'served': {
      const bucket = bucketOf(line.ms);
      const latency = Array.from({ length: Math.max(traffic.latency.length, bucket + 1) }, (_, index) => traffic.latency[index] ?? 0);
      latency[bucket] = (latency[bucket] ?? 0) + 1;
      return { ...traffic, served: traffic.served + 1, errors: traffic.errors + (line.status >= 500 ? 1 : 0), latency };
    }
    default:
      return outcome satisfies never;
  }
}

/** `dev:backend` of `dev:backend`, `service:dev:backend` and `entry:dev:backend`; undefined for HAProxy's own proxies. */
function backendOf(proxy: string): string | undefined {
  const parts = proxy.split(':');
  if (parts.length === 2) return proxy;
  return parts.length === 3 ? parts.slice(1).join(':') : undefined;
}

function isFinal(status: number): boolean {
  return status < 100 || status >= 200;
}
