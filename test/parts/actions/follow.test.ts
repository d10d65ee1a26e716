/** createRuns(): whoever follows a run hears it live, and harms nothing by leaving. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { createHostSandbox } from '../../../src/actions/actions.ts';
import { follow, PATH, place, root, TWO } from './place.ts';

test('follow(): what is done for a job’s place is heard while it is done, and why it has none yet', async () => {
  const made = Promise.withResolvers<void>();
  const folder = join(root, 'followed-place');
  await using it = await place({
    openJob: async ({ job, request }) => {
      request.onWait('two jobs are running');
      request.onLine('making the image');
      await made.promise;
      return createHostSandbox({ root: folder, name: job, repository: 'app', env: process.env });
    },
  });
  await it.push('place', { [PATH]: 'on: push\njobs: { one: { runs-on: ubuntu-latest, steps: [{ run: echo done }] } }' });
  const heard: string[] = [];
  for await (const event of it.runs.follow(1, { follow: true, job: undefined, signal: AbortSignal.timeout(60_000) })) {
    if (event.kind === 'job' && event.state !== 'completed') heard.push(`${event.state} ${event.reason ?? ''}`.trim());
    if (event.kind === 'line') heard.push(event.text);
    if (event.kind === 'line' && event.text === 'making the image') made.resolve();
  }
  assert.deepEqual(heard.slice(0, 4), ['queued', 'waiting two jobs are running', 'in_progress', 'making the image']);
  assert.ok(heard.includes('done'));
});

test('follow(): a follower who leaves harms nothing, whatever moment that is', async () => {
  await using it = await place();
  await it.push('slow', { [PATH]: TWO.replace('echo "two got', 'for i in 1 2 3 4 5 6 7 8; do echo $i; sleep 0.2; done; echo "two got') });
  for (let count = 1; count < 12; count += 1) {
    const leave = new AbortController();
    let seen = 0;
    await assert.rejects(async () => {
      for await (const _ of it.runs.follow(1, { follow: true, job: undefined, signal: leave.signal })) {
        seen += 1;
        if (seen === count) setTimeout(() => leave.abort(), 7 * count);
      }
      throw new Error('to its end');
    });
  }
  await follow(it.runs, 1);
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal(it.runs.get(1).conclusion, 'success');
});

test('follow(): of one job only that one is told, with the run’s end; a run that has ended is told in the order in which its jobs began', async () => {
  await using it = await place();
  await it.push('two', { [PATH]: TWO });
  await follow(it.runs, 1);
  const told: string[] = [];
  for await (const event of it.runs.follow(1, { follow: false, job: 'two', signal: AbortSignal.timeout(60_000) })) {
    if (event.kind === 'job' || event.kind === 'job-step' || event.kind === 'line') told.push(event.job);
    if (event.kind === 'run') told.push(`run ${event.conclusion ?? event.state}`);
  }
  assert.deepEqual([...new Set(told)], ['run in_progress', 'two', 'run success']);
  const all = (await follow(it.runs, 1)).flatMap((event) => (event.kind === 'job' && event.state === 'in_progress' ? [event.job] : []));
  assert.deepEqual(all, ['one', 'two']);
});
