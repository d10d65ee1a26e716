/** createRuns(): the daemon's runs on real git and real processes: pushed, canceled, run again, taken up after a restart. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RunEvent } from '../../../src/contract/runs.ts';
import { AntlerError, hasCode } from '../../../src/kit/errors.ts';
import { follow, PATH, place, texts, TWO } from './place.ts';

test('pushed(): a run is recorded, its jobs and lines are told in order, secrets are masked, and told again from the record', async () => {
  await using it = await place();
  const { runs, messages } = await it.push('first "quoted" $(x)\n\nbody', { [PATH]: TWO });
  assert.deepEqual([runs, messages], [[1], []]);
  const live = await follow(it.runs, 1);
  const said = texts(live);
  assert.ok(said.includes('hello from one; token ***'), said.join('\n'));
  assert.ok(said.includes('two got moose at http://10.0.0.1:8080'), said.join('\n'));
  assert.deepEqual(it.asked, ['dev']);
  const run = it.runs.get(1);
  assert.deepEqual([run.conclusion, run.title, run.actor, run.number], ['success', 'first "quoted" $(x)', 'ann', 1]);
  assert.deepEqual(
    run.jobs.map(({ key, conclusion, steps }) => [key, conclusion, steps.length > 2]),
    [
      ['one', 'success', true],
      ['two', 'success', true],
    ],
  );
  const last = live.at(-1);
  assert.ok(last?.kind === 'run' && last.state === 'completed' && last.conclusion === 'success');
  const past = await follow(it.runs, 1);
  assert.deepEqual(texts(past).toSorted(), said.toSorted());
});

test('pushed(): a broken workflow is a failed run with line and column; one for another branch says why it does not run', async () => {
  await using it = await place();
  const broken = await it.push('broken', {
    [PATH]: 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n',
    '.github/workflows/other.yml':
      'on:\n  push:\n    branches: [release]\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: exit 1\n',
  });
  assert.deepEqual(broken.runs, [1]);
  assert.match(broken.messages.join('\n'), /ci\.yml:\d+:\d+/);
  assert.match(broken.messages.join('\n'), /other\.yml does not run: .*main/);
  const run = it.runs.get(1);
  assert.deepEqual([run.state, run.conclusion], ['completed', 'failure']);
  assert.match(run.reason ?? '', /ci\.yml:\d+:\d+/);
  const none = await place();
  await using _none = none;
  assert.match((await none.push('nothing', { 'a.txt': 'a' })).messages.join(), /no workflow/);
});

test('cancel(): the run ends as cancelled; rerun({failed}) takes what succeeded as it was', async () => {
  await using it = await place();
  const file = TWO.replace('echo "two got', 'test -e /var/tmp/antler-never || sleep 60; echo "two got');
  await it.push('slow', { [PATH]: file });
  const events: RunEvent[] = [];
  for await (const event of it.runs.follow(1, { follow: true, job: undefined, signal: AbortSignal.timeout(60_000) })) {
    events.push(event);
    if (event.kind === 'job-step' && event.job === 'two' && event.name.startsWith('Run ') && event.state === 'in_progress')
      it.runs.cancel(1, 'bob');
  }
  assert.equal(it.runs.get(1).conclusion, 'cancelled');
  assert.throws(
    () => it.runs.cancel(1, 'bob'),
    (error) => hasCode(error, 'actions/run-state'),
  );
  await it.runs.rerun(1, { failed: true, actor: 'bob' });
  const again: RunEvent[] = [];
  for await (const event of it.runs.follow(1, { follow: true, job: undefined, signal: AbortSignal.timeout(60_000) })) {
    again.push(event);
    if (event.kind === 'job-step' && event.job === 'two' && event.name.startsWith('Run ') && event.state === 'in_progress')
      it.runs.cancel(1, 'bob');
  }
  assert.equal(it.runs.get(1).attempt, 2);
  assert.ok(!texts(again).some((text) => text.includes('hello from one')), 'what succeeded does not run again');
});

test('rerun(): github.triggering_actor is who asked for it, github.actor stays who pushed', async () => {
  await using it = await place();
  await it.push('said', {
    [PATH]: `on: push\njobs: { one: { runs-on: ubuntu-latest, steps: [{ run: 'echo "$GITHUB_ACTOR $GITHUB_TRIGGERING_ACTOR"' }] } }\n`,
  });
  assert.ok(texts(await follow(it.runs, 1)).includes('ann ann'));
  await it.runs.rerun(1, { failed: false, actor: 'bob' });
  assert.ok(texts(await follow(it.runs, 1)).includes('ann bob'));
});

test('start(): a run in the middle is marked and can run again; one that only waited goes on', async () => {
  const gate = Promise.withResolvers<void>();
  const seen = { waits: 0 };
  const until = async (waits: number): Promise<void> => {
    while (seen.waits < waits) await new Promise((resolve) => setTimeout(resolve, 20));
  };
  await using it = await place({
    protection: {
      admit: async (_ask, { signal, onWait }) => {
        seen.waits += 1;
        onWait('waits for an approval of dev', 'a1');
        const stopped = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => stopped.reject(signal.reason), { once: true });
        await Promise.race([gate.promise, stopped.promise]);
      },
      urlOf: () => undefined,
    },
  });
  await it.push('waits', { [PATH]: TWO });
  await until(1);
  await it.stop();
  assert.equal(it.store.runs.get(1)?.state, 'in_progress');
  const runs = await it.again();
  await until(2);
  gate.resolve();
  const said = texts(await follow(runs, 1));
  assert.equal(runs.get(1).conclusion, 'success');
  assert.ok(
    said.some((text) => text.startsWith('two got moose')),
    said.join('\n'),
  );

  const jobs = it.store.runs.jobs(1, 1);
  it.store.runs.again(1, it.runs.row(1).trigger);
  for (const job of jobs) it.store.runs.putJob({ ...job, attempt: 2, state: 'in_progress', conclusion: undefined });
  const third = await it.again();
  assert.equal(third.get(1).conclusion, 'failure');
  assert.match(third.get(1).reason ?? '', /daemon ended in the middle/);
  assert.deepEqual(
    third.get(1).jobs.map(({ state }) => state),
    ['completed', 'completed'],
  );
  await third.rerun(1, { failed: false, actor: 'ann' });
  await follow(third, 1);
  assert.equal(third.get(1).conclusion, 'success');
});

test('dispatch(): inputs are checked, a workflow is found by file or name, and refused without workflow_dispatch', async () => {
  await using it = await place();
  await it.push('dispatch', {
    [PATH]: `
name: By hand
on:
  workflow_dispatch:
    inputs:
      word: { required: true }
jobs:
  a:
    runs-on: ubuntu-latest
    steps:
      - run: echo "word is \${{ inputs.word }}"
`,
    '.github/workflows/push.yml': TWO,
  });
  const ask = (workflow: string, inputs: Readonly<Record<string, string>>) =>
    it.runs.dispatch({ workflow, ref: undefined, inputs, actor: 'ann' });
  await assert.rejects(ask('ci.yml', {}), (error) => error instanceof AntlerError && /word/.test(error.message));
  await assert.rejects(ask('push.yml', {}), (error) => hasCode(error, 'actions/refused'));
  await assert.rejects(ask('cii.yml', {}), (error) => hasCode(error, 'actions/unknown-workflow'));
  for (const workflow of ['ci.yml', 'By hand']) {
    const { id } = await ask(workflow, { word: `a'b"c $(d)` });
    assert.ok(texts(await follow(it.runs, id)).length > 0);
    assert.equal(it.runs.get(id).event, 'workflow_dispatch');
  }
});
