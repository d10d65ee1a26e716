/** The disk of the history hangs when the daemon is told to end, or breaks in the middle of its life: nothing waits for it, and nothing precious is lost. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import process from 'node:process';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import { INCIDENT, minuteOf, NOON, transitionAt } from '../../../src/store/metrics/fixtures.ts';
import { openMetrics } from '../../../src/store/store.ts';
import { loopDisk } from './disk.ts';

/** Longer than what waits is given, shorter than a supervisor's patience. */
const LIMIT_MS = 8000;

const signal = AbortSignal.timeout(30_000);

test('a history whose disk hangs: who closes it goes on in bounded time, and ends with the disk; what was written is there', async (t) => {
  const disk = await loopDisk(t);
  if (disk === undefined) return t.skip('no loop device here');
  const store = join(import.meta.dirname, '../../../src/store');
  const code = `
    const { openMetrics } = await import(${JSON.stringify(join(store, 'store.ts'))});
    const { minuteOf, NOON, transitionAt } = await import(${JSON.stringify(join(store, 'metrics/fixtures.ts'))});
    const metrics = await openMetrics(${JSON.stringify(join(disk.folder, 'metrics.db'))}, { keepHouse: false, reserveBytes: 0, answerMs: 300 });
    await metrics.minute(minuteOf(NOON, 50));
    process.once('SIGTERM', async () => {
      metrics.minute(minuteOf(NOON + 60_000, 50));
      metrics.transition(transitionAt(NOON)).catch(() => undefined);
      await metrics[Symbol.asyncDispose]();
      process.stdout.write('closed');
    });
    const stay = setInterval(() => undefined, 1000);
    process.once('SIGTERM', () => clearInterval(stay));
    process.stdout.write('open');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (piece: string) => (said += piece));
  await once(child.stdout, 'data');
  await disk.freeze();
  const began = performance.now();
  child.kill('SIGTERM');
  await poll(() => (said === 'openclosed' ? true : undefined), { signal, timeoutMs: LIMIT_MS, what: 'the history to be closed' });
  const ms = performance.now() - began;
  await disk.thaw(); // until then the kernel lets go of no thread that waits for it
  if (child.exitCode === null) await once(child, 'exit');
  assert.equal(child.exitCode, 0);
  const again = new DatabaseSync(join(disk.folder, 'metrics.db'));
  t.after(() => again.close());
  assert.equal(again.prepare('PRAGMA integrity_check').get()?.['integrity_check'], 'ok');
  assert.equal(again.prepare('SELECT count(DISTINCT ts) AS n FROM probe_minute').get()?.['n'], 1);
  t.diagnostic(`closed after ${Math.round(ms)} ms`);
});

test('a history whose disk lets nobody write any more in the middle of its life: said, changes wait, and are written once it is mounted again', async (t) => {
  const disk = await loopDisk(t);
  if (disk === undefined) return t.skip('no loop device here');
  const metrics = await openMetrics(join(disk.folder, 'metrics.db'), { keepHouse: false, reserveBytes: 0, retryMs: 50 });
  t.after(async () => metrics[Symbol.asyncDispose]());
  assert.equal(await metrics.minute(minuteOf(NOON, 5)), true);
  await disk.breakDown();
  assert.equal(await metrics.minute(minuteOf(NOON + 60_000, 5)), false);
  assert.match(metrics.state().detail, /^the history cannot be written: /);
  let written = false;
  const waiting = metrics.transition(transitionAt(NOON)).then(() => (written = true));
  const id = await metrics.saveIncident(INCIDENT);
  assert.equal((await metrics.incident(id))?.incident.cause, INCIDENT.cause, 'found while it waits');
  const repair = async (): Promise<true | undefined> =>
    disk.repair().then(
      () => true,
      () => undefined,
    ); // busy while the file is just being tried
  await poll(repair, { signal, everyMs: 10, timeoutMs: 10_000, what: 'it to be mounted again' });
  await waiting;
  assert.equal(written, true);
  assert.equal(await metrics.minute(minuteOf(NOON + 120_000, 5)), true);
  assert.deepEqual([metrics.state().kind, metrics.state().droppedMinutes], ['ok', 1]);
});
