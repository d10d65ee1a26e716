/** createJobHandlers(): what a job may ask, whatever it says of itself. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError, hasCode } from '../kit/errors.ts';
import type { Code } from '../kit/codes.ts';
import type { Releases, RolloutRequest } from '../releases/releases.ts';
import { createJobHandlers, type JobCaller } from './job-handlers.ts';

const JOB: JobCaller = {
  run: 7,
  attempt: 2,
  job: 'stg',
  ref: 'refs/heads/main',
  environment: 'stg',
  stranger: false,
  actor: 'ann (run 7, stg)',
};

function setUp(job: Partial<JobCaller> = {}, releaseOf: () => number | undefined = () => 4) {
  const begun: RolloutRequest[] = [];
  const releases = {
    requireBranch: (environment: string, ref: string) => {
      if (environment === 'prod' && ref !== 'refs/heads/main') throw new AntlerError('releases/branch-refused', 'Cannot');
    },
    begin: async (request: RolloutRequest) => {
      begun.push(request);
      return { rollout: 1 };
    },
    receiptOf: () => ({}),
  } as unknown as Releases;
  const handlers = createJobHandlers({
    job: { ...JOB, ...job },
    releases,
    status: async () => assert.fail('nobody asks for the board'),
    health: async () => {
      throw new Error('not asked');
    },
    releaseOf,
    build: async () => {
      throw new Error('built');
    },
  });
  const call = (environment: string, body: object = {}) =>
    ({
      params: { environment },
      query: undefined,
      body: { wait: false, force: false, ...body },
      actor: async () => 'mallory',
      emit: async () => undefined,
      signal: new AbortController().signal,
    }) as never;
  return { begun, handlers, call };
}

test('createJobHandlers(): a deploy is of the run’s release, by the run’s actor; passed only where the job has passed that environment’s rules', async () => {
  const { begun, handlers, call } = setUp();
  await handlers.promote(call('stg'));
  await handlers.promote(call('prod'));
  await handlers.deploy(call('dev'));
  await handlers.deploy(call('dev', { release: 'r2' }));
  assert.deepEqual(
    begun.map(({ environment, ask, passed, actor, force }) => [environment, ask, passed?.attempt, actor, force]),
    [
      ['stg', { kind: 'promote', release: 4 }, 2, JOB.actor, false],
      ['prod', { kind: 'promote', release: 4 }, undefined, JOB.actor, false],
      ['dev', { kind: 'deploy', release: 4 }, undefined, JOB.actor, false],
      ['dev', { kind: 'deploy', release: 2 }, undefined, JOB.actor, false],
    ],
  );
});

test('createJobHandlers(): refuses force, other branches, deploys before a build, and everything to a pull request', async () => {
  const refused = async (work: () => Promise<unknown>, code: Code): Promise<void> => {
    await assert.rejects(work, (error) => hasCode(error, code));
  };
  const { handlers, call } = setUp();
  await refused(async () => handlers.deploy(call('dev', { force: true, reason: 'because' })), 'actions/refused');
  const branch = setUp({ ref: 'refs/heads/try' });
  await refused(async () => branch.handlers.promote(branch.call('prod')), 'releases/branch-refused');
  const early = setUp({}, () => undefined);
  await refused(async () => early.handlers.deploy(early.call('dev')), 'releases/unknown-release');
  const pull = setUp({ stranger: true });
  await refused(async () => pull.handlers.deploy(pull.call('dev')), 'actions/refused');
  await refused(async () => pull.handlers.promote(pull.call('dev')), 'actions/refused');
  await refused(async () => pull.handlers.build(pull.call('dev')), 'actions/refused');
  for (const { begun } of [branch, early, pull]) assert.deepEqual(begun, []);
  assert.equal('approve' in handlers || 'exec' in handlers || 'hold' in handlers || 'secrets' in handlers, false);
});
