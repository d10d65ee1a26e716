/** The history as the daemon has it: precious rows wait in memory until they are written, minutes are let go, and nothing here waits for a disk. */

import { systemClock, type Clock } from '../../kit/clock.ts';
import { sleep } from '../../kit/wait.ts';
import { transact } from '../transaction.ts';
import { createDisk } from './disk.ts';
import { openFile, type Attempt } from './file.ts';
import { createHousekeeper } from './house.ts';
import { createPending } from './pending.ts';
import { readMachine, readProbes, readTraffic, readUptime } from './read.ts';
import { readEntries, readIncident, readIncidents, readTransitions } from './records.ts';
import { failureOf, type Failure } from './schema.ts';
import { inSteps, type Steps } from './steps.ts';
import type { ClosedMinute, Metrics, MetricsState } from './types.ts';
import type { Writer } from './write.ts';
import type { DatabaseSync } from 'node:sqlite';

export interface MetricsOptions {
  readonly clock?: Clock;
  readonly log?: (line: string) => void;
  /** Kept free for transitions and incidents on a full disk: 2 MiB by default. */
  readonly reserveBytes?: number;
  /** Until precious rows are tried again: 10 s by default. */
  readonly retryMs?: number;
  /** A disk that takes longer to write one byte is not written to: 1 s by default. */
  readonly answerMs?: number;
  /** False: who calls rolls up and deletes (tests). */
  readonly keepHouse?: boolean;
}

interface WaitingMinute {
  readonly minute: ClosedMinute;
  readonly done: (written: boolean) => void;
}

interface WaitingRecord {
  readonly write: (writer: Writer) => void;
  readonly written: () => void;
  readonly failed: (error: unknown) => void;
}

/** Minutes that wait for a disk that does not answer. */
const MINUTES_WAITING = 10;
/** Precious rows that wait; more, and the oldest are let go. */
const RECORDS_WAITING = 10_000;
const RECORDS_AT_ONCE = 100;
/** Until what waits is given up when the history is closed. */
const CLOSE_MS = 2000;
/** Another process of ours is writing: it does so for some milliseconds. */
const BUSY_MS = 25;
const BUSY_TRIES = 1200;

/** Opens `metrics.db`; never throws because of the file: see `state()`. */
export async function openMetrics(path: string, options: MetricsOptions = {}): Promise<Metrics> {
  const { clock = systemClock, log = () => undefined, retryMs = 10_000, answerMs = 1000 } = options;
  const stop = new AbortController();
  const disk = createDisk(path, options.reserveBytes ?? 2 * 1024 * 1024);
  const file = openFile(path, { clock, log });
  const house = createHousekeeper(path, { clock, log, signal: stop.signal });
  const pending = createPending();
  const minutes: WaitingMinute[] = [];
  const records: WaitingRecord[] = [];
  let state: Pick<MetricsState, 'kind' | 'detail'> = { kind: 'ok', detail: '' };
  let droppedMinutes = 0;
  let bytes = 0;
  let working: Promise<void> | undefined;
  let retry: NodeJS.Timeout | undefined;

  const become = (kind: MetricsState['kind'], detail: string): void => {
    if (kind !== state.kind) log(kind === 'ok' ? 'history: is written again' : `history: ${detail}`);
    state = { kind, detail };
  };
  const fail = ({ failure, detail }: { readonly failure: Failure; readonly detail: string }): void => {
    if (failure === 'full') become('full', 'the disk is full: minutes are let go, transitions and incidents are kept');
    else if (failure === 'read-only') become('read-only', `the history cannot be written: ${detail}`);
    else become('failed', `the history cannot be written: ${detail}`);
    if (failure !== 'full' && failure !== 'busy') file.close(); // a new connection may be let in
  };
  const dropMinute = (): void => {
    minutes.shift()?.done(false);
    droppedMinutes++;
  };

  /** As `file.attempt`, but waits where another process of ours writes. */
  const attempt = async <T>(work: (writer: Writer, db: DatabaseSync) => T): Promise<Attempt<T>> => {
    for (let tries = 0; ; tries++) {
      const result = file.attempt(work);
      if (result.kind === 'done' || result.failure !== 'busy' || tries >= BUSY_TRIES || stop.signal.aborted) return result;
      await sleep(BUSY_MS, stop.signal).catch(() => undefined);
    }
  };

  const writeRecords = async (count: number): Promise<boolean> => {
    const batch = records.slice(0, count);
    try {
      const result = await attempt((writer, db) => transact(db, () => batch.forEach((record) => record.write(writer))));
      if (result.kind === 'failure') {
        fail(result);
        if (result.failure === 'full' && (await disk.reserve.giveUp())) return await writeRecords(count);
        return false;
      }
    } catch (error) {
      if (batch.length > 1) return writeRecords(1); // which of them is it?
      records.shift()?.failed(error);
      return true;
    }
    records.splice(0, batch.length);
    await disk.flush().catch((error: unknown) => log(`history: ${String(error)}`));
    for (const record of batch) record.written();
    if (state.kind !== 'full') become('ok', '');
    return true;
  };

  const writeMinute = async ({ minute, done }: WaitingMinute): Promise<void> => {
    // what the reserve gave up is for precious rows
    if (!(await disk.reserve.keep().catch(() => disk.reserve.there()))) {
      fail({ failure: 'full', detail: '' });
      return dropMinute();
    }
    const result = await attempt((writer) => writer.minute(minute));
    if (result.kind === 'failure') {
      fail(result);
      return dropMinute();
    }
    if (!result.value) return dropMinute();
    minutes.shift();
    become('ok', '');
    const size = await disk.bytes();
    bytes = size.all;
    done(true);
    if (options.keepHouse !== false) house.look(size.log);
  };

  const again = (): void => {
    clearTimeout(retry);
    if (stop.signal.aborted) return;
    retry = setTimeout(() => {
      retry = undefined;
      start();
    }, retryMs); // what waits is not forgotten, so the process stays
  };

  const work = async (): Promise<void> => {
    while (records.length > 0 || minutes.length > 0) {
      if (!(await disk.answers(answerMs))) {
        become('failed', 'the history cannot be written: its disk does not answer');
        while (minutes.length > MINUTES_WAITING) dropMinute();
        return again();
      }
      const stuck = records.length > 0 && !(await writeRecords(RECORDS_AT_ONCE));
      const [next] = minutes;
      if (next !== undefined) await writeMinute(next);
      if (stuck && minutes.length === 0) return again();
    }
  };
  function start(): void {
    working ??= work()
      .catch((error: unknown) => {
        log(`history: ${String(error)}`);
        again();
      })
      .finally(() => {
        working = undefined;
        if (stop.signal.aborted) return; // who closes does not wait for a disk that takes nothing
        if ((records.length > 0 || minutes.length > 0) && retry === undefined) start();
      });
  }

  const keep = async (write: (writer: Writer) => void, forget: () => void = () => undefined): Promise<void> => {
    if (records.length >= RECORDS_WAITING) records.shift()?.failed(new Error('too many rows wait for the disk'));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    records.push({ write, written: resolve, failed: reject });
    start();
    return promise.finally(forget);
  };
  /** Nobody waits for it: it is in memory until it is written. */
  const keepLater = (write: (writer: Writer) => void, forget: () => void): void => {
    keep(write, forget).catch((error: unknown) => log(`history: a row was let go: ${String(error)}`));
  };

  const ask = async <T>(otherwise: T, steps: (db: DatabaseSync) => Steps<T>): Promise<T> => {
    const db = file.db();
    if (db === undefined) return otherwise;
    try {
      return await inSteps(steps(db));
    } catch (error) {
      if (failureOf(error) === undefined && file.db() === db) throw error;
      log(`history: cannot be read: ${String(error)}`);
      if (failureOf(error) === 'broken') file.broken(error);
      return otherwise;
    }
  };
  const askNow = async <T>(otherwise: T, read: (db: DatabaseSync) => T): Promise<T> =>
    // eslint-disable-next-line require-yield
    ask(otherwise, function* now(db): Steps<T> {
      return read(db);
    });

  const first = file.attempt(() => undefined);
  if (first.kind === 'failure') fail(first);
  await disk.reserve.keep().catch(() => false);
  bytes = (await disk.bytes()).all;

  return {
    async minute(minute) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      minutes.push({ minute, done: resolve });
      while (minutes.length > MINUTES_WAITING * 2) dropMinute();
      start();
      return promise;
    },
    transition: async (row) => keep((writer) => writer.transition(row)),
    async saveIncident(row) {
      const saved = { ...row, id: row.id === 0 ? pending.nextIncident(file.lastIncident()) : row.id };
      keepLater((writer) => writer.incident(saved), pending.incident(saved));
      return saved.id;
    },
    async addEntry(row) {
      keepLater((writer) => writer.entry(row), pending.entry(row));
    },
    incidents: async (query) => pending.merge(await askNow([], (db) => readIncidents(db, query)), query),
    async incident(id) {
      const incident = pending.get(id) ?? (await askNow(undefined, (db) => readIncident(db, id)));
      if (incident === undefined) return undefined;
      const written = await askNow([], (db) => readEntries(db, id));
      return { incident, entries: [...written, ...pending.entries(id)] };
    },
    probes: async (query) => ask([], (db) => readProbes(db, query)),
    traffic: async (query) => ask([], (db) => readTraffic(db, query)),
    machine: async (query) => ask([], (db) => readMachine(db, query)),
    transitions: async (query) => askNow([], (db) => readTransitions(db, query)),
    uptime: async (from) => ask([], (db) => readUptime(db, from, clock.now())),
    state: () => ({
      kind: state.kind,
      detail: state.detail === '' ? (file.note() ?? '') : state.detail,
      droppedMinutes,
      waiting: records.length,
      bytes,
      writtenBytes: file.written() + house.written(),
    }),
    async [Symbol.asyncDispose]() {
      clearTimeout(retry);
      start();
      await Promise.race([working, sleep(CLOSE_MS, stop.signal).catch(() => undefined)]);
      stop.abort();
      clearTimeout(retry);
      const over = new AbortController();
      await Promise.race([house.ended(), sleep(CLOSE_MS, over.signal).catch(() => undefined)]);
      over.abort();
      // On a disk that hangs a close, which carries the log over, would never return: it is left to the end of the process.
      if (await disk.answers(answerMs)) file.close();
    },
  };
}
