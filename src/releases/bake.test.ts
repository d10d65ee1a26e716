/** A release that is bad only once it has traffic: it goes back while it bakes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld } from './world.ts';

const SPEC = app(
  [service('web', { expose: true }), service('api')],
  [environment('dev', { strategy: { steps: [50, 100], bakeMs: 3000 } })],
);
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined }, actor: 'ann', force: false, reason: undefined } as const;

test('bake: a release that answers 5xx goes back at once, with all its services, and its receipt says why and how often', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  await world.move(DEPLOY);
  world.release(SPEC, { web: 'b', api: 'b' });
  const running = await world.releases.begin(DEPLOY);
  running.done.catch(() => undefined);
  for await (const event of running.feed.events(new AbortController().signal)) {
    if (event.kind !== 'step' || event.step !== 'dev/bake/50' || event.state !== 'start') continue;
    assert.deepEqual(await world.serving('dev'), ['api r1', 'api r2', 'web r1', 'web r2'], 'both serve while it bakes');
    world.edge.count({ environment: 'dev', service: 'web', release: 'r2', served: 30, errors: 12 });
    world.edge.count({ environment: 'dev', service: 'web', release: 'r1', served: 30, errors: 1 });
  }
  await assert.rejects(running.done, (error) => {
    assert.ok(hasCode(error, 'releases/failed'));
    assert.match(String(error), /Cannot keep r2 in dev as web: 12 of its 30 answers were errors \(the old release: 1 of 30\)/);
    return true;
  });
  assert.deepEqual(await world.serving('dev'), ['api r1', 'web r1']);
  assert.deepEqual(await world.running(), ['dev api r1', 'dev web r1']);
  const receipt = world.releases.receiptOf(running.rollout);
  assert.deepEqual([receipt.verdict, receipt.requests.served, receipt.requests.lost], ['undone', 60, 0]);
  assert.deepEqual(receipt.versions.map(({ release, served, errors }) => `${release} ${served} ${errors}`).toSorted(), [
    'r1 30 1',
    'r2 30 12',
  ]);
  assert.deepEqual(
    receipt.steps.filter(({ state }) => state === 'failed').map(({ step }) => step),
    ['dev/bake/50'],
  );
});

test('bake: a clock that is set an hour, forward or back, neither ends it early nor holds it up', async (t) => {
  const spec = app([service('web', { expose: true })], [environment('dev', { strategy: { steps: [50, 100], bakeMs: 300 } })]);
  const world = await createWorld({ spec });
  world.release(spec, { web: 'a' });
  await world.move(DEPLOY);
  world.release(spec, { web: 'b' });
  const running = await world.releases.begin(DEPLOY);
  const clock = Date.now.bind(Date);
  const began = new Map<string, number>();
  for await (const event of running.feed.events(AbortSignal.timeout(10_000))) {
    if (event.kind !== 'step' || !event.step.startsWith('dev/bake/')) continue;
    if (event.state === 'start') {
      began.set(event.step, performance.now());
      t.mock.method(Date, 'now', () => clock() + (event.step.endsWith('/50') ? 3_600_000 : -3_600_000));
    } else assert.ok(performance.now() - (began.get(event.step) ?? 0) >= 290, `${event.step} ended early`);
  }
  await running.done;
  assert.equal(began.size, 2);
});
