/** metrics.db on real disks with real faults: what is precious is kept, the rest is let go and said, and nothing waits for a disk. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';

import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { INCIDENT, minuteOf, NOON, transitionAt } from '../../../src/store/metrics/fixtures.ts';
import { openMetrics, type MetricsOptions } from '../../../src/store/store.ts';
import type { ClosedMinute, Metrics } from '../../../src/store/types.ts';
import { loopDisk, smallDisk } from './disk.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const all = { from: NOON - 24 * HOUR, to: NOON + 24 * HOUR };

const minuteAt = (at: number, targets = 50): ClosedMinute => minuteOf(at, targets);

async function folder(t: TestContext): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'antler-metrics-'));
  t.after(async () => rm(made, { recursive: true, force: true }));
  return made;
}

async function opened(t: TestContext, path: string, options: MetricsOptions = {}): Promise<Metrics> {
  const metrics = await openMetrics(path, { keepHouse: false, reserveBytes: 256 * 1024, retryMs: 50, ...options });
  t.after(async () => metrics[Symbol.asyncDispose]());
  return metrics;
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  return poll(look, { what, everyMs: 20, timeoutMs: 10_000, signal: new AbortController().signal });
}

test('full disk: minutes are let go and counted, transitions and incidents kept out of the reserve; with room again all goes on by itself', async (t) => {
  const disk = await smallDisk(t, 4);
  const metrics = await opened(t, join(disk.folder, 'metrics.db'));
  assert.equal(await metrics.minute(minuteAt(NOON)), true);
  await disk.fill();
  let full = 0;
  for (let minute = 1; minute <= 5; minute++) if (!(await metrics.minute(minuteAt(NOON + minute * MINUTE, 200)))) full++;
  assert.ok(full >= 4, `${full} of 5 let go`);
  assert.equal(metrics.state().kind, 'full');
  assert.equal(metrics.state().droppedMinutes, full);
  await metrics.transition(transitionAt(NOON));
  const id = await metrics.saveIncident(INCIDENT);
  await metrics.addEntry({ incident: id, at: NOON, kind: 'opened', text: 'web is down', actor: '' });
  await until('the incident to be written', () => (metrics.state().waiting === 0 ? true : undefined));
  assert.equal(metrics.state().kind, 'full', 'a kept transition is no room for minutes');
  assert.equal(await metrics.minute(minuteAt(NOON + 6 * MINUTE)), false, 'the reserve is not for minutes');
  assert.equal((await metrics.transitions(all)).length, 1);

  await disk.empty();
  assert.equal(await metrics.minute(minuteAt(NOON + 7 * MINUTE)), true);
  assert.equal(metrics.state().kind, 'ok');
  assert.equal((await stat(join(disk.folder, 'metrics.db.reserve'))).size, 256 * 1024, 'the reserve is there again');
});

test('full disk: what the reserve cannot take waits in memory and is written when there is room', async (t) => {
  const disk = await smallDisk(t, 2);
  const metrics = await opened(t, join(disk.folder, 'metrics.db'), { reserveBytes: 0 });
  await metrics.transition(transitionAt(NOON));
  await disk.fill();
  const evidence = 'x'.repeat(4000);
  const written = Array.from({ length: 30 }, async (_, index) => metrics.transition({ ...transitionAt(NOON + index), evidence }));
  const id = await metrics.saveIncident(INCIDENT);
  await until('the disk to be full', () => (metrics.state().kind === 'full' ? true : undefined));
  assert.ok(metrics.state().waiting > 0);
  assert.equal((await metrics.incident(id))?.incident.title, 'web is down', 'found while it waits');
  assert.deepEqual(
    (await metrics.incidents({ open: true, limit: 5 })).map((row) => row.id),
    [id],
  );
  await disk.empty();
  await Promise.all(written);
  await until('nothing to wait', () => (metrics.state().waiting === 0 ? true : undefined));
  assert.equal((await metrics.transitions(all)).length, 31);
});

test('read-only disk: said, transitions wait, and are written when it can be written again', async (t) => {
  const disk = await smallDisk(t, 4);
  const path = join(disk.folder, 'metrics.db');
  const metrics = await opened(t, path);
  await metrics.minute(minuteAt(NOON));
  await disk.writable(false).catch(async () => {
    // somebody writes: let go first
    await metrics[Symbol.asyncDispose]();
    await disk.writable(false);
  });
  const later = await opened(t, path);
  assert.equal(await later.minute(minuteAt(NOON + MINUTE)), false);
  assert.equal(later.state().kind, 'read-only');
  let done = false;
  const waiting = later.transition(transitionAt(NOON)).then(() => (done = true));
  const id = await later.saveIncident(INCIDENT);
  assert.equal((await later.incident(id))?.incident.cause, INCIDENT.cause);
  assert.equal(done, false);
  await disk.writable(true);
  await waiting;
  assert.equal(await later.minute(minuteAt(NOON + MINUTE)), true);
  assert.equal(later.state().kind, 'ok');
});

test('a file that somebody else writes to: who closes the history ends, though rows wait', async (t) => {
  const path = join(await folder(t), 'metrics.db');
  await (await opened(t, path))[Symbol.asyncDispose]();
  const other = new DatabaseSync(path);
  t.after(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const code = `
    const { openMetrics } = await import(${JSON.stringify(join(import.meta.dirname, '../../../src/store/store.ts'))});
    const metrics = await openMetrics(${JSON.stringify(path)}, { keepHouse: false, reserveBytes: 0 });
    metrics.transition(${JSON.stringify(transitionAt(NOON))}).catch(() => undefined);
    await metrics[Symbol.asyncDispose]();
    console.log('closed');
  `;
  const { stdout } = await exec([process.execPath, '--input-type=module', '--eval', code], { signal: AbortSignal.timeout(20_000) });
  assert.equal(stdout, 'closed\n');
});

test('broken file: moved aside and said, transitions and incidents come over as far as they can be read, and a new history begins', async (t) => {
  const path = join(await folder(t), 'metrics.db');
  const before = await opened(t, path);
  await before.transition(transitionAt(NOON));
  const id = await before.saveIncident(INCIDENT);
  for (let minute = 0; minute < 40; minute++) await before.minute(minuteAt(NOON + minute * MINUTE, 200));
  await before[Symbol.asyncDispose]();
  const pages = (await stat(path)).size / 4096;
  const file = await open(path, 'r+');
  const tables = await rootsOf(path);
  for (let page = 1; page < pages; page++) if (!tables.has(page)) await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096);
  await file.close();

  const lines: string[] = [];
  const metrics = await opened(t, path, { log: (line) => lines.push(line), clock: { now: () => NOON + 24 * HOUR } });
  for (let minute = 0; minute < 3; minute++) assert.equal(await metrics.minute(minuteAt(NOON + 24 * HOUR + minute * MINUTE)), true);
  await metrics.probes({ ...all, environment: 'prod', service: 'web', stepMs: MINUTE });
  await until('the broken file to be seen', async () => {
    await metrics.probes({ ...all, environment: 'prod', service: 'web', stepMs: MINUTE });
    return /broken/.test(metrics.state().detail) ? true : undefined;
  });
  assert.equal(metrics.state().kind, 'ok');
  assert.match(lines.join('\n'), /kept as metrics\.db\.broken-2026-06-02/);
  assert.ok((await readdir(join(path, '..'))).includes('metrics.db.broken-2026-06-02T12-00-00-000Z'));
  assert.equal(await metrics.minute(minuteAt(NOON + 25 * HOUR)), true);
  assert.equal((await metrics.transitions(all)).length, 1);
  assert.equal((await metrics.incident(id))?.incident.id, id);
});

test('kill -9 while it writes: every minute is whole or not there, transitions that were answered are there', async (t) => {
  const path = join(await folder(t), 'metrics.db');
  const child = spawn(process.execPath, [join(import.meta.dirname, 'writer.ts'), path], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let answered = 0;
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    answered += (String(chunk).match(/\n/g) ?? []).length;
    if (answered >= 25) break;
  }
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  const metrics = await opened(t, path);
  assert.equal(await metrics.minute(minuteAt(NOON - HOUR)), true);
  assert.ok((await metrics.transitions({ from: 0, to: Number.MAX_SAFE_INTEGER })).length >= answered);
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  assert.equal(db.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  const counts = db.prepare('SELECT DISTINCT count(*) AS n FROM probe_minute WHERE ts > ? GROUP BY ts').all(Math.floor(NOON / MINUTE) - 1);
  assert.deepEqual(
    counts.map((row) => row['n']),
    [300],
  );
});

test('a disk that hangs: the event loop goes on, transitions wait, minutes are let go, and both go on when it answers', async (t) => {
  const disk = await loopDisk(t);
  if (disk === undefined) return t.skip('no loop device here');
  const metrics = await opened(t, join(disk.folder, 'metrics.db'), { answerMs: 100 });
  await metrics.minute(minuteAt(NOON));
  await disk.freeze();
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let done = false;
  const waiting = metrics.transition(transitionAt(NOON)).then(() => (done = true));
  const minutes = Array.from({ length: 15 }, async (_, index) => metrics.minute(minuteAt(NOON + (index + 1) * MINUTE)));
  await until('it to be said', () => (metrics.state().kind === 'failed' ? true : undefined));
  await new Promise((resolve) => setTimeout(resolve, 500));
  delay.disable();
  assert.match(metrics.state().detail, /does not answer/);
  assert.equal(done, false);
  assert.ok(delay.max / 1e6 < 300, `the loop stood still for ${Math.round(delay.max / 1e6)} ms`);
  await disk.thaw();
  await waiting;
  const written = (await Promise.all(minutes)).filter(Boolean).length;
  assert.equal(written + metrics.state().droppedMinutes, 15);
  assert.ok(written >= 10, 'the last ten minutes are kept in memory');
  assert.equal(metrics.state().kind, 'ok');
});

test('house is kept by a process of its own: hours come out of minutes, also those from before, and the log is carried over', async (t) => {
  const path = join(await folder(t), 'metrics.db');
  let now = NOON;
  const clock = { now: () => now };
  const away = await opened(t, path);
  for (let minute = 0; minute < 60; minute += 10) await away.minute(minuteAt(NOON + minute * MINUTE));
  await away[Symbol.asyncDispose]();
  now = NOON + 30 * HOUR;
  const lines: string[] = [];
  const metrics = await opened(t, path, { keepHouse: true, clock, log: (line) => lines.push(line) });
  await metrics.minute(minuteAt(now));
  const db = new DatabaseSync(path);
  t.after(() => db.close());
  const count = (table: string): number => Number(db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n']);
  // a day of each target, and one of the service
  await until('hours and days', () => (count('probe_hour') === 50 && count('probe_day') === 51 ? true : undefined));
  await until('the log to be carried over', async () => ((await stat(`${path}-wal`)).size < 20_000 ? true : undefined));
  assert.equal(await metrics.minute(minuteAt(now + MINUTE)), true, 'and the daemon writes on');
  assert.deepEqual(lines, []);
});

/** Pages (from 0) that belong to the schema, the targets, transitions and incidents: all others may break. */
async function rootsOf(path: string): Promise<ReadonlySet<number>> {
  const db = new DatabaseSync(path);
  try {
    const names = ['meta', 'target', 'transition', 'incident', 'incident_entry'];
    const roots = db.prepare('SELECT rootpage, tbl_name FROM sqlite_schema').all();
    return new Set([0, 1, ...roots.filter((row) => names.includes(String(row['tbl_name']))).map((row) => Number(row['rootpage']) - 1)]);
  } finally {
    db.close();
  }
}
