/** What is watched of a rollout at work, and what it hides. */

import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import { backend, container, scene, wanted, well } from './fixture.ts';

const answers = (release: string) => (_request: unknown, response: ServerResponse) => response.setHeader('x-release', release).end();
const WAITING = { everyMs: 20, timeoutMs: 10_000, what: 'the container', signal: new AbortController().signal };
const AT_WORK = { rollouts: [{ environment: 'prod', startedAt: 0 }] };

test('monitor: a rollout hides its own two releases until its service is well, never an outage', async (t) => {
  const web = await backend(t, answers('r3'));
  let now = wanted(web, web, { ...AT_WORK, coming: web });
  const { look, verdict } = scene(t, () => now);
  await look();
  assert.equal(verdict(), 'up'); // what is coming has its share
  await web.kill();
  await look(3);
  assert.equal(verdict(), 'down: through the edge: refused');
  await web.revive();
  await look(2);
  now = wanted(web, web, AT_WORK); // it has been abandoned
  await look();
  assert.equal(verdict(), 'deploying: r3 answers, r2 is wanted');
  now = wanted(web);
  await look();
  assert.equal(verdict(), 'deploying: r3 answers, r2 is wanted'); // it is over, and not well yet
  web.answer(well);
  await look();
  assert.equal(verdict(), 'up');
  web.answer(answers('r3'));
  await look();
  assert.equal(verdict(), 'drift: r3 answers, r2 is wanted');
});

test('monitor: a rollout that bakes for 20 hours hides its own two releases all that time, and no third one', async (t) => {
  const web = await backend(t);
  let later = 0;
  const what = wanted(web, web, { ...AT_WORK, coming: web });
  const { look, verdict, transitions } = scene(t, what, { steady: () => performance.now() + later });
  await look();
  const before = transitions.length;
  for (const release of ['r3', 'r2', 'r3', 'r2', 'r3']) {
    web.answer(answers(release));
    await look();
    assert.equal(verdict(), 'up', `${release} after ${later} ms`);
    later += 5 * 3_600_000;
  }
  assert.equal(transitions.length, before, 'whose turn it is to answer is no news');
  web.answer(answers('r7'));
  await look();
  assert.equal(verdict(), 'drift: r7 answers, r2 is wanted');
});

test('monitor: a release that is being rolled out is watched before it answers, and takes nothing down however long it starts', async (t) => {
  const [old, fresh] = [await backend(t), await backend(t, answers('r3'))];
  await fresh.kill();
  let now = wanted(old, old, { ...AT_WORK, coming: fresh });
  const { monitor, look, verdict, transitions, samples } = scene(t, () => now);
  const direct = () => monitor.targets().find(({ target }) => target.key === 'prod/web/r3/r3.1.9/direct');
  await look(8);
  assert.equal(verdict(), 'deploying: r3.1.9 is being started: refused');
  assert.deepEqual([direct()?.verdict, direct()?.last?.detail], ['unknown', 'refused']);
  const recorded = () => samples.filter(({ target }) => target.id.release === 'r3' && target.id.check === 'direct');
  assert.deepEqual(recorded(), [], 'a start is no failure in the history');
  old.answer(answers('r3')); // the edge leads there, our own look has seen nothing of it yet
  now = wanted(old, fresh, { ...AT_WORK, release: 'r3' });
  await look(2);
  assert.equal(verdict(), 'up');
  await fresh.revive();
  await look();
  assert.equal(direct()?.verdict, 'up');
  assert.equal(recorded().at(-1)?.outcome, 'good');
  assert.deepEqual(
    transitions.filter(({ service }) => service === 'web').map(({ to }) => to),
    ['deploying', 'up'],
  );
});

test('monitor: the replicas of an abandoned rollout are gone with it, and nothing was wrong', async (t) => {
  const [old, fresh] = [await backend(t), await backend(t, (_request, response) => response.writeHead(500).end())];
  let now = wanted(old, old, { ...AT_WORK, coming: fresh });
  const { monitor, look, verdict, transitions } = scene(t, () => now);
  await look(6);
  assert.equal(verdict(), 'deploying: r3.1.9 is being started: answers 500');
  now = wanted(old);
  await look();
  assert.equal(verdict(), 'up');
  assert.ok(monitor.targets().every(({ target }) => target.id.release !== 'r3'));
  assert.deepEqual(
    transitions.filter(({ service }) => service === 'web').map(({ to }) => to),
    ['deploying', 'up'],
  );
});

test('monitor: the container of what a rollout starts is asked for until it runs, as nobody tells', async (t) => {
  const web = await backend(t);
  let runs = [container()];
  const { monitor } = scene(t, wanted(web, web, { ...AT_WORK, coming: web }), { containers: async () => runs });
  void monitor.run();
  const state = () => monitor.targets().find(({ target }) => target.key === 'prod/web/r3/r3.1.9/container')?.verdict;
  await poll(() => state(), WAITING);
  assert.equal(state(), 'unknown');
  runs = [container(), container('r3', { name: 'web-2' })];
  await poll(() => (state() === 'up' ? true : undefined), WAITING);
});

for (const jump of [3_600_000, -3_600_000]) {
  const set = jump > 0 ? 'an hour forward' : 'an hour back';

  test(`monitor: a clock that is set ${set} neither ends what a rollout hides after its end, nor holds it open`, async (t) => {
    const web = await backend(t, answers('r3'));
    let [wall, later] = [0, 0];
    let now = wanted(web, web, { ...AT_WORK, coming: web });
    const clocks = { clock: { now: () => Date.now() + wall }, steady: () => performance.now() + later };
    const { look, verdict } = scene(t, () => now, clocks);
    await look();
    now = wanted(web);
    await look();
    wall = jump;
    later = 50_000;
    await look();
    assert.equal(verdict(), 'deploying: r3 answers, r2 is wanted');
    later = 61_000;
    await look();
    assert.equal(verdict(), 'drift: r3 answers, r2 is wanted');
  });
}
