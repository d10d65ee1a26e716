/** What a person types about runs, on real runs behind the real API. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { systemClock } from '../../../src/kit/clock.ts';
import { poll } from '../../../src/kit/wait.ts';
import { follow, PATH, TWO } from './place.ts';
import { served } from './served.ts';

const signal = AbortSignal.timeout(240_000);

test('antler run cancel: ends a run that goes on, by name of who asked; its follower hears it, a second one is told that it has ended', async () => {
  await using here = await served();
  const { it, antler, logged } = here;
  await it.push('slow', { [PATH]: TWO.replace('echo "two got', 'echo begun; sleep 600; echo "two got') });
  const following = antler('run', 'logs', '1', '-f');
  const leave = new AbortController();
  await assert.rejects(async () => {
    for await (const event of it.runs.follow(1, { follow: true, job: undefined, signal: leave.signal }))
      if (event.kind === 'line' && event.text === 'begun') leave.abort();
  });
  const canceled = await antler('run', 'cancel', '1');
  assert.deepEqual([canceled.code, canceled.stderr], [0, '']);
  assert.match(canceled.stdout, /run 1 is being canceled/);
  const followed = await following;
  assert.equal(followed.code, 1, followed.stderr);
  assert.match(followed.stdout, /hello from one[^]*begun[^]*■ two cancelled[^]*■ run 1 cancelled/);
  const { conclusion, jobs } = it.runs.get(1);
  assert.deepEqual([conclusion, jobs.map((job) => job.conclusion)], ['cancelled', ['success', 'cancelled']]);
  assert.deepEqual(
    logged.filter((line) => line.includes('canceled')),
    [`run 1 is canceled by ${userInfo().username}`],
  );
  const again = await antler('run', 'cancel', '1', '--json');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /"actions\/run-state".*Cannot cancel run 1 as it has ended: cancelled/);
  const unknown = await antler('run', 'cancel', '9');
  assert.match(unknown.stderr, /actions\/unknown-run/);
});

test('reclaimLogs(): after a run old logs go; what runs, the newest and every record stay, and `run logs` says that a log is gone', async () => {
  let ahead = 0;
  await using here = await served({ clock: { ...systemClock, now: () => Date.now() + ahead } });
  const { it, antler } = here;
  const folder = join(it.folder, 'runs');
  const log = (id: number): void => {
    mkdirSync(join(folder, String(id), '1'), { recursive: true });
    writeFileSync(join(folder, String(id), '1', 'one.log'), '[0,1,"output","kept"]\n');
  };
  const add = (): number => {
    const { id } = it.store.runs.add({
      push: undefined,
      path: PATH,
      name: 'ci',
      event: 'push',
      ref: 'refs/heads/main',
      sha: 'c0ffee',
      actor: 'ann',
      title: 't',
      trigger: {},
      inputs: {},
    });
    log(id);
    return id;
  };
  await it.push('first', { [PATH]: TWO });
  await follow(it.runs, 1);
  assert.match((await antler('run', 'logs', '1')).stdout, /hello from one/);
  const running = add();
  it.store.runs.start(running);
  const newest = Array.from({ length: 9 }, add);
  for (const id of newest) it.store.runs.end(id, { conclusion: 'success' });
  log(999); // of no run that anybody knows
  ahead = 31 * 86_400_000;
  await it.push('last', { [PATH]: TWO });
  const [last = 0] = it.runs.list(1).map(({ id }) => id);
  await follow(it.runs, last);
  await poll(async () => (existsSync(join(folder, '1')) ? undefined : true), { signal, timeoutMs: 20_000, what: 'the removal' });
  assert.deepEqual(
    readdirSync(folder)
      .map(Number)
      .toSorted((a, b) => a - b),
    [running, ...newest, last],
  );
  assert.ok(existsSync(join(folder, String(last), '1', 'two.log')));
  const { conclusion, jobs } = it.runs.get(1);
  assert.deepEqual(
    [conclusion, jobs.map(({ key, steps }) => [key, steps.length > 2])],
    [
      'success',
      [
        ['one', true],
        ['two', true],
      ],
    ],
  );
  const { code, stdout } = await antler('run', 'logs', '1');
  assert.equal(code, 0);
  assert.match(
    stdout,
    /one │ +notice: No log of this job is left: logs are removed after 30 days[^]*two │ +notice: No log[^]*✓ run 1 success/,
  );
  assert.doesNotMatch(stdout, /│ +hello from one/);
  assert.doesNotMatch((await antler('run', 'logs', String(last))).stdout, /No log/);
});

test('git push antler: several refs at once, a branch, a tag, one that goes, start exactly the runs that each asks for', async () => {
  await using here = await served();
  const { it, git, antler } = here;
  const job = 'jobs: { a: { runs-on: ubuntu-latest, steps: [{ run: echo it is "$GITHUB_REF_TYPE" "$GITHUB_REF_NAME" }] } }';
  const files = { main: 'branches: [main]', topic: "branches: ['topic/**']", tags: "tags: ['v*']", all: '' };
  await it.person.commit('first', { 'a.txt': 'a' });
  await it.person.git('branch', 'gone');
  const first = await git('push', 'antler', 'main', 'gone').ended;
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /there is no workflow/);
  const workflows = Object.entries(files).map(([name, filter]) => [
    `.github/workflows/${name}.yml`,
    `on:\n  push:\n${filter === '' ? '' : `    ${filter}\n`}${job}\n`,
  ]);
  await it.person.commit('second', Object.fromEntries(workflows));
  await it.person.git('tag', 'v1');
  await it.person.git('tag', 'other');
  const pushed = await git('push', 'antler', 'main', 'HEAD:refs/heads/topic/one', 'v1', 'other', ':gone').ended;
  assert.equal(pushed.code, 0, pushed.stderr);
  const wanted = [
    ['main', 'heads/main'],
    ['topic', 'heads/topic/one'],
    ['tags', 'tags/v1'],
    ...['heads/main', 'heads/topic/one', 'tags/v1', 'tags/other'].map((ref) => ['all', ref]),
  ];
  const runs = it.runs.list(100);
  assert.deepEqual(
    runs.map(({ path, ref, conclusion }) => `${path} ${ref} ${conclusion ?? ''}`).toSorted(),
    wanted.map(([name = '', ref = '']) => `.github/workflows/${name}.yml refs/${ref} success`).toSorted(),
  );
  const tag = runs.find(({ path }) => path.endsWith('tags.yml'));
  assert.match((await antler('run', 'logs', String(tag?.id))).stdout, /it is tag v1/);
  assert.match(pushed.stderr, /it is branch topic\/one/);
  assert.equal(await it.person.git('ls-remote', 'antler', 'refs/heads/gone'), '');
});

test('git push antler: Ctrl-C at its terminal says how to follow on, and the run goes on to its success', async () => {
  await using here = await served();
  const { it, git, antler } = here;
  const goes = join(it.folder, 'goes-on');
  const script = `echo begun; until test -e ${goes}; do sleep 0.1; done; echo it went on`;
  await it.person.commit('slow', { [PATH]: `on: push\njobs: { one: { runs-on: ubuntu-latest, steps: [{ run: '${script}' }] } }` });
  const pushing = git('push', 'antler', 'main');
  await poll(async () => ((await antler('run', 'logs', '1')).stdout.includes('│   begun') ? true : undefined), {
    signal,
    timeoutMs: 30_000,
    what: 'the step',
  });
  process.kill(-pushing.pid, 'SIGINT');
  const { stderr } = await pushing.ended;
  assert.match(stderr, /begun[^]*the run itself goes on[^]*antler run logs 1 -f[^]*antler run cancel 1/);
  assert.equal(it.runs.get(1).state, 'in_progress');
  writeFileSync(goes, '');
  const followed = await antler('run', 'logs', '1', '-f');
  assert.equal(followed.code, 0, followed.stderr);
  assert.match(followed.stdout, /it went on[^]*✓ run 1 success/);
});
