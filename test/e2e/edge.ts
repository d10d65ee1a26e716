/** HAProxy killed: at rest with the daemon dead too, and in the middle of rollouts. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Receipt } from '../../src/contract/releases.ts';
import { gapOf, haproxy } from '../kit/edge.ts';
import { heard, kill, pidsOf } from '../kit/machine.ts';
import { answering, it, releases, underLoad, url } from './shared.ts';

/** runsv lets who ended within a second of its start wait for one: two kills in a row are another matter. */
const LIVED_MS = 1200;

test('HAProxy killed, worker or master, the daemon dead too: a new one answers within a second, as a client that never stops asking sees it', async (t) => {
  const daemon = await pidsOf(it.home, 'src/daemon.ts');
  for (const pid of daemon) process.kill(pid, 'SIGSTOP'); // dead for the supervisor's eyes too: it does not start another
  try {
    for (const which of ['worker', 'master'] as const) {
      const before = await haproxy(it.home);
      await sleep(LIVED_MS);
      const { gapMs, failures } = await gapOf(url(30010), async () => kill(before[which]));
      const after = await haproxy(it.home);
      t.diagnostic(`${which}: ${gapMs} ms without an answer, ${failures} requests failed`);
      assert.ok(after.master !== before.master && after.worker !== before.worker, `${which}: ${JSON.stringify({ before, after })}`);
      assert.ok(gapMs <= 1000, `${which}: ${gapMs} ms`);
    }
  } finally {
    for (const pid of daemon) process.kill(pid, 'SIGCONT');
  }
  await it.until(async () => (await it.service('dev', 'backend'))?.verdict === 'up');
});

/** The releases that dev and prod have: their back ends differ. */
async function pair(): Promise<readonly [string, string]> {
  const all = await releases();
  const [one, two] = (await Promise.all(['dev', 'prod'].map(answering))).map((id) => all.find((each) => each.id === id));
  assert.ok(one !== undefined && two !== undefined && one.services['backend']?.digest !== two.services['backend']?.digest);
  return [one.id, two.id];
}

test('HAProxy killed in a rollout, at its start, its shift and its end: verified or undone, all serve, and what the edge cannot know is unseen', async (t) => {
  let unseen = 0;
  const [one, two] = await pair();
  for (const step of ['dev/start/backend', 'dev/shift/100', 'dev/retire']) {
    const [from, to] = (await answering('dev')) === one ? [one, two] : [two, one];
    let code: number | null = null;
    const load = await underLoad(30008, async () => {
      const deploying = it.start(['deploy', 'dev', to, '--json']);
      const ended = new Promise((done) => deploying.on('close', done));
      await heard(deploying, step);
      kill((await haproxy(it.home)).worker);
      await ended;
      code = deploying.exitCode;
      await it.until(async () => (await fetch(url(30008))).ok, `an answer after ${step}`);
    });
    const { verdict, requests } = await it.json<Receipt>(['receipt', to, '--env', 'dev']);
    const said = JSON.stringify({ step, verdict, code, requests, load: { ...load, losses: undefined } });
    t.diagnostic(said);
    assert.ok((verdict === 'verified' && code === 0) || (verdict === 'undone' && code === 1), said);
    const serves = verdict === 'verified' ? to : from;
    await it.until(async () => (await it.status()).environments.every((each) => each.verdict === 'up'), `all up after ${step}`);
    assert.equal(await answering('dev'), serves, said);
    assert.equal((await fetch(url(30008))).headers.get('x-release') !== null, true);
    // The client saw each of its own: none is counted twice, and its broken ones are nobody's 503.
    assert.ok(requests.lost <= load.lost, said);
    unseen += requests.unseen;
    if (verdict === 'undone') await it.json(['deploy', 'dev', to]);
  }
  assert.ok(unseen > 0, 'requests were under way each time, and the edge says that it cannot know of them');
});
