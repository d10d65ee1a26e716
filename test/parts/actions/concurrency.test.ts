/** `concurrency` between runs of createRuns(): who waits, who is replaced, who is ended, and what a restart of the daemon makes of it. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import { follow, PATH, place, type Place } from './place.ts';

const LIMIT = { signal: new AbortController().signal, everyMs: 20, timeoutMs: 30_000 };

/** A run that ends once there is the file `go`, or says that it was interrupted. */
const held = (it: Place, top: string): string => `
on: push
${top}
jobs:
  one:
    runs-on: ubuntu-latest
    steps:
      - run: |
          trap 'exit 9' INT TERM
          until test -e ${join(it.folder, 'go')}; do sleep 0.05; done
`;
const go = (it: Place): void => writeFileSync(join(it.folder, 'go'), '');
const begins = async (it: Place, run: number): Promise<unknown> =>
  poll(() => it.runs.get(run).jobs[0]?.steps.find(({ name, state }) => name.startsWith('Run ') && state === 'in_progress'), {
    ...LIMIT,
    what: `run ${run}`,
  });
const state = (it: Place, run: number): string => {
  const { state: now, conclusion } = it.runs.get(run);
  return conclusion ?? now;
};

test('concurrency, concurrency.group, concurrency.queue: one run at a time; the newest takes the place of the one that waits, which says so', async () => {
  await using it = await place();
  const files = { [PATH]: held(it, 'concurrency: { group: "delivery-${{ github.ref }}", queue: single }') };
  await it.push('first', files);
  await begins(it, 1);
  await it.push('second', { ...files, a: '2' });
  await it.push('third', { ...files, a: '3' });
  await follow(it.runs, 2);
  assert.deepEqual(
    [1, 2, 3].map((run) => state(it, run)),
    ['in_progress', 'cancelled', 'queued'],
  );
  assert.match(it.runs.get(2).reason ?? '', /run 3 of the same concurrency group took its place/);
  assert.deepEqual(it.runs.get(2).jobs, [], 'none of its jobs began');
  go(it);
  await follow(it.runs, 3);
  assert.deepEqual([state(it, 1), state(it, 3)], ['success', 'success']);
  const [first, third] = [it.runs.get(1).jobs[0], it.runs.get(3).jobs[0]];
  assert.ok((third?.startedAt ?? '') >= (first?.endedAt ?? 'x'), 'the third waited for the end of the first');
});

test('concurrency.cancel-in-progress: the newer run ends the one that runs, and begins after its end', async () => {
  await using it = await place();
  const files = { [PATH]: held(it, 'concurrency: { group: a, cancel-in-progress: "${{ github.event_name == \'push\' }}" }') };
  await it.push('first', files);
  await begins(it, 1);
  await it.push('second', { ...files, a: '2' });
  await follow(it.runs, 1);
  assert.equal(state(it, 1), 'cancelled');
  assert.match(it.runs.get(1).reason ?? '', /run 2 of the same concurrency group took its place/);
  assert.match(it.runs.get(1).jobs[0]?.reason ?? '', /run 2 of the same concurrency group took its place/);
  await begins(it, 2);
  go(it);
  await follow(it.runs, 2);
  assert.equal(state(it, 2), 'success');
});

test('jobs.<id>.concurrency, jobs.<id>.concurrency.group, jobs.<id>.concurrency.queue: between runs as well: the job of the newer one waits, its other jobs do not', async () => {
  await using it = await place();
  const workflow = `
on: push
jobs:
  free:
    runs-on: ubuntu-latest
    steps: [{ run: echo free }]
  deploy:
    needs: free
    runs-on: ubuntu-latest
    concurrency: { group: dev, queue: single }
    steps: [{ run: 'until test -e ${join(it.folder, 'go')}; do sleep 0.05; done' }]
`;
  const jobOf = (run: number, key: string) => it.runs.get(run).jobs.find((job) => job.key === key);
  const becomes = async (run: number, key: string, wanted: 'waiting' | 'in_progress'): Promise<unknown> =>
    poll(() => (jobOf(run, key)?.state === wanted ? true : undefined), {
      ...LIMIT,
      what: `${key} of run ${run}`,
    });
  await it.push('first', { [PATH]: workflow });
  await becomes(1, 'deploy', 'in_progress');
  await it.push('second', { a: '2' });
  await becomes(2, 'deploy', 'waiting');
  assert.equal(jobOf(2, 'free')?.conclusion, 'success');
  await it.push('third', { a: '3' });
  await follow(it.runs, 2);
  assert.deepEqual([state(it, 2), jobOf(2, 'deploy')?.conclusion], ['cancelled', 'cancelled']);
  assert.match(jobOf(2, 'deploy')?.reason ?? '', /deploy of run 3 .*took its place/);
  go(it);
  await follow(it.runs, 3);
  assert.deepEqual([state(it, 1), state(it, 3)], ['success', 'success']);
});

test('createRuns(): a job that asks for the group of its own run is cancelled with GitHub’s words, and the group is free again', async () => {
  await using it = await place();
  const workflow = (top: string): string =>
    `on: push\n${top}\njobs:\n  one:\n    runs-on: ubuntu-latest\n    concurrency: deploy\n    steps: [{ run: echo x }]\n`;
  await it.push('locked', { [PATH]: workflow('concurrency: deploy') });
  await follow(it.runs, 1);
  const [job] = it.runs.get(1).jobs;
  assert.deepEqual([state(it, 1), job?.conclusion], ['cancelled', 'cancelled']);
  assert.match(job?.reason ?? '', /deadlock for concurrency group 'deploy' was detected between 'top level workflow' and 'one'/);
  await it.push('mended', { [PATH]: workflow('') });
  await follow(it.runs, 2);
  assert.equal(state(it, 2), 'success');
});

test('start(): who held a group while it waited for an approval holds it again, and who waited behind it waits on', async () => {
  const asked: number[] = [];
  const answer = Promise.withResolvers<void>();
  await using it = await place({
    protection: {
      admit: async ({ run }, { signal }) => {
        asked.push(run);
        const stopped = Promise.withResolvers<never>();
        signal.addEventListener('abort', () => stopped.reject(signal.reason), { once: true });
        await Promise.race([answer.promise, stopped.promise]);
      },
      urlOf: () => undefined,
    },
  });
  const asks = async (...runs: readonly number[]): Promise<void> => {
    await poll(() => (asked.length >= runs.length ? true : undefined), { ...LIMIT, what: 'the questions' });
    assert.deepEqual(asked, runs);
  };
  const gated = 'on: push\nconcurrency: all\njobs: { prod: { runs-on: ubuntu-latest, environment: prod, steps: [{ run: echo x }] } }\n';
  await it.push('first', { [PATH]: gated });
  await asks(1);
  await it.push('second', { a: '2' });
  await it.push('third', { a: '3' });
  await follow(it.runs, 2);
  await it.stop();
  const runs = await it.again();
  await asks(1, 1);
  assert.deepEqual(
    [1, 2, 3].map((run) => state(it, run)),
    ['in_progress', 'cancelled', 'queued'],
  );
  answer.resolve();
  await follow(runs, 3);
  assert.deepEqual([asked, state(it, 1), state(it, 3)], [[1, 1, 3], 'success', 'success']);
});

test('start(): where the run that held the group was in the middle it is marked, and the one that waited takes the group', async () => {
  await using it = await place();
  await it.push('first', { [PATH]: held(it, 'concurrency: all') });
  await begins(it, 1);
  await it.push('second', { a: '2' });
  await poll(() => (it.store.runs.get(2) === undefined ? undefined : true), { ...LIMIT, what: 'run 2' });
  await it.stop();
  go(it);
  const runs = await it.again();
  assert.match(runs.get(1).reason ?? '', /daemon ended in the middle/);
  await follow(runs, 2);
  assert.deepEqual([state(it, 1), state(it, 2), existsSync(join(it.folder, 'go'))], ['failure', 'success', true]);
});

test('jobs.<id>.concurrency.cancel-in-progress: as the sample has it, a push reaches dev and stg while an earlier one waits for prod, and takes its place there', async () => {
  const waiting = new Map<number, PromiseWithResolvers<void>>();
  await using it = await place({
    protection: {
      admit: async ({ run, environment }, { signal }) => {
        if (environment !== 'prod') return;
        const answer = Promise.withResolvers<void>();
        waiting.set(run, answer);
        signal.addEventListener('abort', () => answer.reject(signal.reason), { once: true });
        await answer.promise;
      },
      urlOf: () => undefined,
    },
  });
  const asks = async (run: number): Promise<unknown> => poll(() => waiting.get(run), { ...LIMIT, what: `the question of run ${run}` });
  const ends = (run: number): readonly string[] => it.runs.get(run).jobs.map(({ key, conclusion }) => `${key} ${conclusion ?? 'waits'}`);
  // Its own jobs, conditions and groups; what their steps do is for the end-to-end test.
  const sample = readFileSync(join(import.meta.dirname, '../../../.github/workflows/delivery.yml'), 'utf8');
  const files = { [PATH]: sample.replaceAll(/^ {4}steps:\n(?: {6}.*\n)+/gm, '    steps: [{ run: echo done }]\n') };
  await it.push('first', files);
  await asks(1);
  await it.push('second', { a: '2' });
  await asks(2);
  await follow(it.runs, 1);
  const [before, last] = [['test', 'build', 'dev', 'stg'].map((key) => `${key} success`), it.runs.get(1).jobs.at(-1)];
  assert.deepEqual([state(it, 1), ends(1), ends(2)], ['cancelled', [...before, 'prod cancelled'], [...before, 'prod waits']]);
  assert.match(last?.reason ?? '', /prod of run 2 of the same concurrency group took its place/);
  waiting.get(2)?.resolve();
  await follow(it.runs, 2);
  assert.deepEqual([state(it, 2), ends(2).at(-1)], ['success', 'prod success']);
});
