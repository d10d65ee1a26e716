/** admitJob(), requireBranch(): which job may start in an environment, and what it waits for. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { EnvironmentSpec } from '../config/types.ts';
import { hasCode } from '../kit/errors.ts';
import { openPlatform } from '../store/store.ts';
import { createApprovals } from './approvals.ts';
import { app, environment, release, service } from './fixtures.ts';
import { admitJob, requireBranch } from './gate.ts';

test('requireBranch(): globs of branches; tags and pull requests are no branches', () => {
  const prod = environment('prod', { branches: ['main', 'release/*'] });
  const cases: readonly (readonly [string, boolean])[] = [
    ['refs/heads/main', true],
    ['refs/heads/release/1', true],
    ['refs/heads/release/1/x', false],
    ['refs/heads/mainline', false],
    ['refs/tags/main', false],
    ['refs/pull/3/head', false],
    ['main', false],
  ];
  for (const [ref, may] of cases) {
    if (may) requireBranch(prod, ref);
    else
      assert.throws(
        () => requireBranch(prod, ref),
        (error) => hasCode(error, 'releases/branch-refused'),
        ref,
      );
  }
  requireBranch(environment('dev'), 'refs/tags/v1');
});

function setUp(approve: number, more: Partial<EnvironmentSpec> = {}) {
  const clock = { at: 0, now: () => clock.at };
  const store = openPlatform(':memory:', clock);
  const approvals = createApprovals(store);
  const run = store.runs.add({
    push: undefined,
    path: 'w.yml',
    name: 'w',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'c0ffee',
    actor: 'ann',
    title: 't',
    trigger: {},
    inputs: {},
  });
  const job = { run: run.id, attempt: 1, key: 'prod', id: 'prod', name: 'prod', needs: [], state: 'waiting', environment: 'prod' } as const;
  store.runs.putJob({ ...job, conclusion: undefined, matrix: undefined, outputs: {}, reason: undefined });
  const spec = app([service('web')], [environment('stg'), environment('prod', { approve, ...more })]);
  const asked: (string | undefined)[] = [];
  const waits: string[] = [];
  const ask = { run: run.id, attempt: 1, job: 'prod', environment: 'prod', ref: 'refs/heads/main' };
  const admit = async (signal = new AbortController().signal): Promise<void> =>
    admitJob({ store, clock, approvals }, spec, {
      ask,
      options: {
        signal,
        onWait: (why, approval) => {
          asked.push(approval);
          waits.push(why);
        },
      },
    });
  return { store, clock, run: run.id, approvals, asked, waits, admit };
}

test('admitJob(): waits for the approval; a refusal and a hold are told by code', async () => {
  const vote = (approve: boolean) => ({ actor: 'bob', approve, via: 'api', comment: undefined });
  await setUp(0).admit();
  {
    const { approvals, asked, admit } = setUp(1);
    const admitted = admit();
    assert.deepEqual(asked, ['a1']);
    approvals.vote('a1', vote(true));
    await admitted;
  }
  {
    const { approvals, admit } = setUp(1);
    const admitted = admit();
    approvals.vote('a1', vote(false));
    await assert.rejects(admitted, (error) => hasCode(error, 'releases/rejected'));
  }
  const { store, admit } = setUp(0);
  store.environments.hold({ environment: 'prod', reason: 'r1 was bad', actor: 'ann' });
  await assert.rejects(admit(), (error) => hasCode(error, 'releases/held'));
});

test('admitJob(): the question outlives whoever waits, and is asked once', async () => {
  const { store, approvals, admit } = setUp(1);
  const stop = new AbortController();
  const first = admit(stop.signal);
  stop.abort();
  await assert.rejects(first);
  const second = admit();
  assert.equal(store.approvals.waiting().length, 1);
  approvals.vote('a1', { actor: 'bob', approve: true, via: 'api', comment: undefined });
  await second;
});

test('createApprovals().vote(): an answer that comes too late says why nobody waits for it any more', async () => {
  const vote = { actor: 'bob', approve: true, via: 'api', comment: undefined };
  const { store, approvals, admit } = setUp(1);
  const stop = new AbortController();
  const asked = admit(stop.signal);
  stop.abort();
  await assert.rejects(asked);
  const [job] = store.runs.jobs(1, 1);
  assert.ok(job);
  store.runs.putJob({ ...job, state: 'completed', conclusion: 'cancelled', reason: 'Cannot go on as prod of run 2 took its place' });
  store.approvals.close(1);
  assert.throws(() => approvals.vote('a1', vote), {
    code: 'releases/unknown-approval',
    message: 'Cannot answer a1 as prod of run 1 does not wait any more: Cannot go on as prod of run 2 took its place',
  });
  assert.throws(() => approvals.vote('a9', vote), { message: 'Cannot answer a9 as there is no such approval' });
  const { approvals: others, admit: another } = setUp(1);
  const refused = another();
  others.vote('a1', { ...vote, approve: false });
  await assert.rejects(refused);
  assert.throws(() => others.vote('a1', vote), { message: 'Cannot answer a1 as it is rejected already' });
});

test('admitJob(): who answered, when and from where is on record; a refusal says who, and refuses the job also after a restart', async () => {
  const { store, clock, approvals, admit } = setUp(1);
  const admitted = admit();
  clock.at = 7000;
  approvals.vote('a1', { actor: 'bob', approve: false, via: 'cli', comment: 'not on a Friday' });
  await assert.rejects(admitted, /bob refused: not on a Friday/);
  assert.deepEqual(store.approvals.get(1)?.votes, [{ actor: 'bob', approve: false, via: 'cli', comment: 'not on a Friday', at: 7000 }]);
  await assert.rejects(admit(), (error) => hasCode(error, 'releases/rejected'));
  assert.equal(store.approvals.get(2), undefined, 'nobody is asked again');
});

test('admitJob(): a run of another branch is refused before anybody is asked', async () => {
  const { store, waits, admit } = setUp(1, { branches: ['release/*'] });
  await assert.rejects(admit(), (error) => hasCode(error, 'releases/branch-refused'));
  assert.deepEqual([waits, store.approvals.waiting()], [[], []]);
});

test('admitJob(): a release that upstream has not verified is refused before anybody is asked; one that has soaked too little waits', async () => {
  const { store, clock, run, approvals, waits, admit } = setUp(1, { from: 'stg', soakMs: 60_000 });
  for (const number of [1, 2]) store.releases.add(release(number, app([service('web')], []), { web: 'a' }));
  store.environments.move('prod', { release: 1, rollout: 0, serving: [], retiring: [] });
  store.runs.setRelease(run, 2);
  await assert.rejects(admit(), (error) => hasCode(error, 'releases/not-verified-upstream'));
  assert.deepEqual([waits, store.approvals.waiting()], [[], []]);
  const { id } = store.rollouts.begin({
    environment: 'stg',
    release: 2,
    from: undefined,
    kind: 'deploy',
    actor: 'ann',
    forcedReason: undefined,
    phase: 'start',
  });
  store.environments.move('stg', { release: 2, rollout: id, serving: [], retiring: [] });
  store.rollouts.end(id, { verdict: 'verified' });
  clock.at = 59_700;
  let admitted = false;
  const admitting = admit().then(() => (admitted = true));
  assert.deepEqual(waits, ['waits for an approval of prod', 'soaks in stg for 300 ms more']);
  approvals.vote('a1', { actor: 'bob', approve: true, via: 'api', comment: undefined });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(admitted, false, 'an approval is no soak');
  await admitting;
});
