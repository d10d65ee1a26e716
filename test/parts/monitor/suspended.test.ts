/** A machine that was suspended, as near as a test comes to it: a process that is stopped while it looks, and finds its connections cut and the network away when it goes on. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import { poll } from '../../../src/kit/wait.ts';
import type { Outcome } from '../../../src/monitor/types.ts';
import { backend, well } from './fixture.ts';

type Line =
  | { readonly kind: 'look'; readonly key: string; readonly at: number; readonly outcome: Outcome; readonly detail: string }
  | { readonly kind: 'change'; readonly environment: string; readonly service: string; readonly to: string; readonly reason: string };
type Look = Extract<Line, { readonly kind: 'look' }>;

const { signal } = new AbortController();
/** More than five seconds count as sleep. */
const STOPPED_MS = 6000;
/** Three looks and more that fail. */
const AWAY_MS = 3500;
const INTERVAL_MS = 1000;
/** Of a machine that has other things to do. */
const SLACK_MS = 2000;
const MONITORS = ['/page//', '/another//', '/slow//', '/port//'];

test('monitor: stopped for 6 s amid its looks, the ten minutes of a suspended machine scaled down, and without a network for 3.5 s more: nothing is down, and looks go on within their interval', async (t) => {
  const lines: Line[] = [];
  const web = await backend(t);
  const child = spawn(process.execPath, [join(import.meta.dirname, 'suspended.ts'), String(web.port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  createInterface(child.stdout).on('line', (line) => lines.push(JSON.parse(line) as Line));
  const looks = (since = 0): Look[] => lines.flatMap((line) => (line.kind === 'look' && line.at >= since ? [line] : []));
  const each = (outcomes: readonly Outcome[], since = 0): true | undefined =>
    MONITORS.every((name) => looks(since).some(({ key, outcome }) => key.startsWith(name) && outcomes.includes(outcome))) || undefined;
  await poll(() => each(['good']), { signal, timeoutMs: 20_000, what: 'a first look at everything' });

  const { promise, resolve } = Promise.withResolvers<void>();
  web.answer((request, response) => {
    if (request.url !== '/slow') return well(request, response);
    child.kill('SIGSTOP'); // it waits for this answer
    resolve();
  });
  await promise;
  await web.kill();
  await sleep(STOPPED_MS);
  const woken = Date.now();
  child.kill('SIGCONT');
  await sleep(AWAY_MS);
  web.answer(well);
  const back = Date.now();
  await web.revive();
  await poll(() => each(['good', 'late'], back), { signal, timeoutMs: 20_000, what: 'a good look at everything' });

  const first = MONITORS.map((name) => (looks(woken).find(({ key }) => key.startsWith(name))?.at ?? Infinity) - woken);
  assert.ok(Math.max(...first) < INTERVAL_MS + SLACK_MS, `looked at again after ${first.join()} ms`);
  assert.ok(each(['own'], woken), 'the network was away');
  assert.deepEqual(
    looks(woken).filter(({ outcome }) => outcome === 'bad'),
    [],
  );
  assert.deepEqual(
    lines.filter((line) => line.kind === 'change' && line.to === 'down'),
    [],
  );
});
