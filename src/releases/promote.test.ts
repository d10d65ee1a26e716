/** What is asked again before a release moves on: its digests in the registry, and its soak upstream. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { ProgressEvent } from '../contract/events.ts';
import { AntlerError, hasCode } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import type { Running } from './rollouts.ts';
import { createWorld, type World } from './world.ts';

const WEB = service('web', { expose: true });
const NEVER = new AbortController().signal;
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;
const PROMOTE = { environment: 'stg', ask: { kind: 'promote' }, actor: 'ann', force: false, reason: undefined } as const;

test('promote: reads every digest again in the registry; one that is not there is refused, and what served serves on', async () => {
  const spec = app([WEB, service('api')], [environment('dev'), environment('stg', { from: 'dev' })]);
  const read: string[] = [];
  let lacks = '';
  const world = await createWorld({
    spec,
    images: {
      async verify({ repository, digest }) {
        read.push(`${repository.split('/').at(-1) ?? ''} ${digest.slice(7, 9)}`);
        if (digest.startsWith(`sha256:${lacks}`) && lacks !== '')
          throw new AntlerError('images/not-verified', 'Cannot verify web as it is gone');
      },
    },
  });
  for (const letter of ['a', 'b']) {
    world.release(spec, { web: letter, api: 'a' });
    await world.move(DEPLOY);
    if (letter === 'a') await world.move(PROMOTE);
  }
  read.length = 0;
  lacks = 'b';
  const containers = await world.running();
  await assert.rejects(world.move(PROMOTE), (error) => hasCode(error, 'images/not-verified'));
  assert.deepEqual(read.toSorted(), ['api aa', 'web bb']);
  assert.deepEqual(await world.serving('stg'), ['api r1', 'web r1']);
  assert.deepEqual(await world.running(), containers, 'nothing was started');
  assert.equal(world.releases.receipt('r2', 'stg').verdict, 'undone');
  lacks = '';
  assert.equal((await world.move(PROMOTE)).receipt.verdict, 'verified');
});

const SOAK_MS = 400;

/** stg has r1, as what comes first does not soak; dev has r2 from now on. */
async function soaking(approve: number): Promise<World> {
  const spec = (approvals: number) =>
    app([WEB], [environment('dev'), environment('stg', { from: 'dev', soakMs: SOAK_MS, approve: approvals })]);
  const world = await createWorld({ spec: spec(0) });
  world.release(spec(0), { web: 'a' });
  await world.move(DEPLOY);
  await world.move(PROMOTE);
  world.releases.setApp({ spec: spec(approve), directory: '/' });
  world.release(spec(approve), { web: 'b' });
  await world.move(DEPLOY);
  return world;
}

async function firstSoak({ feed }: Running): Promise<ProgressEvent> {
  for await (const event of feed.events(NEVER)) if (event.kind === 'step' && event.step === 'stg/soak') return event;
  return assert.fail('it did not wait');
}

const verifiedAt = (world: World): number => world.store.rollouts.verified('dev')[0]?.endedAt ?? assert.fail('dev has verified nothing');

test('promote before the soak is over: waits for what is left of it, then goes', async () => {
  const world = await soaking(0);
  const since = verifiedAt(world);
  const running = await world.releases.begin(PROMOTE);
  await firstSoak(running);
  assert.deepEqual(await world.serving('stg'), ['web r1']);
  await running.done;
  assert.deepEqual(await world.serving('stg'), ['web r2']);
  assert.ok(world.releases.receiptOf(running.rollout).steps.some(({ step, state }) => step === 'stg/soak' && state === 'done'));
  assert.ok(Date.parse(world.releases.receiptOf(running.rollout).endedAt ?? '') - since >= SOAK_MS);
});

test('promote before the soak is over: refused when upstream moves on meanwhile, and what had not soaked stays refused', async () => {
  const world = await soaking(0);
  const running = await world.releases.begin(PROMOTE);
  running.done.catch(() => undefined);
  await firstSoak(running);
  await world.move({ environment: 'dev', ask: { kind: 'deploy', release: 1 } });
  await assert.rejects(running.done, (error) => hasCode(error, 'releases/soaking'));
  assert.deepEqual(await world.serving('stg'), ['web r1']);
  await assert.rejects(world.releases.begin({ ...PROMOTE, ask: { kind: 'promote', release: 2 } }), (error) =>
    hasCode(error, 'releases/soaking'),
  );
});

test('resume: a promotion that waits for an approval soaks after it all the same, whatever daemon asks', async () => {
  const world = await soaking(1);
  const since = verifiedAt(world);
  const before = await world.releases.begin(PROMOTE);
  before.done.catch(() => undefined);
  const releases = await world.restart();
  releases.vote('a1', { actor: 'bob', approve: true, via: 'api', comment: undefined });
  while (releases.receipt('r2', 'stg').verdict !== 'verified') await new Promise((done) => setTimeout(done, 5));
  assert.ok(Date.parse(releases.receipt('r2', 'stg').endedAt ?? '') - since >= SOAK_MS);
});
