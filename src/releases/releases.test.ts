/** Rollouts from end to end in memory: what they move, what they leave when they fail, and what a killed daemon leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Server } from '../edge/types.ts';
import type { Engine } from '../engines/types.ts';
import { hasCode } from '../kit/errors.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld, type WorldOptions } from './world.ts';

const SPEC = app(
  [service('web', { expose: true }), service('api')],
  [environment('dev'), environment('stg', { from: 'dev', port: 30_009 })],
);
const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;
const NEVER = new AbortController().signal;

test('deploy: moves all changed services together and leaves only them', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  const first = await world.move(DEPLOY);
  assert.equal(first.receipt.verdict, 'verified');
  assert.equal(first.receipt.from, null);
  assert.deepEqual(await world.serving('dev'), ['api r1', 'web r1']);
  world.release(SPEC, { web: 'b', api: 'a' });
  const second = await world.move(DEPLOY);
  assert.equal(second.receipt.from, 'r1');
  assert.deepEqual(await world.serving('dev'), ['api r1', 'web r2'], 'an unchanged service is skipped');
  assert.deepEqual(await world.running(), ['dev api r1', 'dev web r2']);
  assert.deepEqual(
    second.receipt.services.map((each) => [each.service, each.changed]),
    [
      ['api', false],
      ['web', true],
    ],
  );
});

test('deploy: what never gets ready returns everything, says why, and its receipt says undone', async () => {
  const world = await createWorld({
    spec: SPEC,
    behave: ({ image }) =>
      image.includes('web@sha256:b') ? { ends: { afterMs: 5, exitCode: 3 }, prints: [{ stream: 'stderr', text: 'no such table' }] } : {},
  });
  world.release(SPEC, { web: 'a', api: 'a' });
  await world.move(DEPLOY);
  world.release(SPEC, { web: 'b', api: 'b' });
  world.edge.setReady({ environment: 'dev', service: 'web', name: 'r2.1.4' }, false);
  world.edge.setReady({ environment: 'dev', service: 'web', name: 'r2.1.3' }, false);
  await assert.rejects(world.move(DEPLOY), (error) => {
    assert.ok(hasCode(error, 'releases/failed'));
    assert.match(String(error), /web ended with 3/);
    assert.doesNotMatch(String(error), /cannot go back/);
    return true;
  });
  assert.deepEqual(await world.serving('dev'), ['api r1', 'web r1']);
  assert.deepEqual(await world.running(), ['dev api r1', 'dev web r1']);
  const receipt = world.releases.receipt('r2', 'dev');
  assert.equal(receipt.verdict, 'undone');
  assert.match(receipt.reason ?? '', /web ended with 3/);
});

test('promote: refuses what upstream has not verified; forced with a reason it is recorded', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  await assert.rejects(world.move({ environment: 'stg', ask: { kind: 'promote' } }), (error) =>
    hasCode(error, 'releases/not-verified-upstream'),
  );
  await assert.rejects(world.move({ environment: 'stg', ask: { kind: 'deploy', release: 1 } }), (error) =>
    hasCode(error, 'releases/not-verified-upstream'),
  );
  const forced = await world.move({ environment: 'stg', ask: { kind: 'deploy', release: 1 }, force: true, reason: 'fire' });
  assert.deepEqual(forced.receipt.forced, { reason: 'fire' });
  assert.deepEqual(await world.serving('stg'), ['api r1', 'web r1']);
});

test('deploy without a release: the newest, or what upstream has verified where there is one', async () => {
  const world = await createWorld({ spec: SPEC });
  const stg = { ...DEPLOY, environment: 'stg' };
  world.release(SPEC, { web: 'a', api: 'a' });
  const nothing = /Cannot move stg as it takes what dev has verified, and dev has verified nothing yet/;
  await assert.rejects(world.move(stg), { code: 'releases/not-verified-upstream', message: nothing });
  await world.move(DEPLOY);
  world.release(SPEC, { web: 'b', api: 'a' });
  const { receipt } = await world.move(stg);
  assert.deepEqual([receipt.release, receipt.verdict], ['r1', 'verified'], 'not the newest, which dev has not had');
  assert.equal((await world.move(DEPLOY)).receipt.release, 'r2');
  assert.equal((await world.move(stg)).receipt.release, 'r2');
});

test('rollback: goes back to the verified release before, and holds the environment', async () => {
  const world = await createWorld({ spec: SPEC });
  for (const letter of ['a', 'b']) {
    world.release(SPEC, { web: letter, api: letter });
    await world.move(DEPLOY);
  }
  const back = await world.move({ environment: 'dev', ask: { kind: 'rollback', to: undefined } });
  assert.equal(back.receipt.release, 'r1');
  assert.deepEqual(await world.serving('dev'), ['api r1', 'web r1']);
  await assert.rejects(world.move(DEPLOY), (error) => hasCode(error, 'releases/held'));
  world.releases.hold('dev', undefined);
  await world.move(DEPLOY);
  assert.deepEqual(await world.serving('dev'), ['api r2', 'web r2']);
});

test('approve: waits, counts distinct people, and a refusal ends it untouched', async () => {
  const spec = app([service('web', { expose: true })], [environment('prod', { approve: 2 })]);
  const world = await createWorld({ spec });
  world.release(spec, { web: 'a' });
  const ask = { environment: 'prod', ask: { kind: 'deploy', release: undefined }, actor: 'ann', force: false, reason: undefined } as const;
  const waiting = await world.releases.begin(ask);
  assert.equal(world.releases.receiptOf(waiting.rollout).verdict, 'waiting');
  const vote = (actor: string, approve: boolean) => world.releases.vote('a1', { actor, approve, via: 'api', comment: undefined });
  assert.equal(vote('bob', true).state, 'waiting');
  assert.equal(vote('bob', true).state, 'waiting', 'one person is one vote');
  assert.equal(vote('cid', true).state, 'approved');
  await waiting.done;
  assert.deepEqual(await world.serving('prod'), ['web r1']);
  assert.throws(
    () => vote('dan', true),
    (error) => hasCode(error, 'releases/unknown-approval'),
  );
  world.release(spec, { web: 'b' });
  const refused = await world.releases.begin(ask);
  world.releases.vote('a2', { actor: 'bob', approve: false, via: 'api', comment: 'friday' });
  await assert.rejects(refused.done, (error) => hasCode(error, 'releases/rejected'));
  assert.deepEqual(await world.serving('prod'), ['web r1']);
});

test('deploy: a second one in the same environment waits and says who holds it', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  world.release(SPEC, { web: 'b', api: 'b' });
  const [one, two] = await Promise.all([
    world.move({ environment: 'dev', ask: { kind: 'deploy', release: 1 } }),
    world.move({ environment: 'dev', ask: { kind: 'deploy', release: 2 }, actor: 'bob' }),
  ]);
  assert.equal(one.receipt.verdict, 'verified');
  assert.equal(two.receipt.from, 'r1', 'it moved what the first had left');
  assert.ok(two.events.some((event) => event.kind === 'output' && /held by deploy of r1 by ann/.test(event.line)));
  assert.deepEqual(await world.serving('dev'), ['api r2', 'web r2']);
});

/** Stops the world at the first call of `verb` after `armed`: from there on the daemon does nothing, as after kill -9. */
function stopAt(
  verb: keyof Engine & ('start' | 'stop' | 'create'),
  state: { armed: boolean; reached?: () => void },
): NonNullable<WorldOptions['wrap']> {
  return (engine) => ({
    ...engine,
    async [verb](...args: never[]) {
      if (state.armed) {
        state.armed = false;
        state.reached?.();
        await new Promise(() => undefined);
      }
      return (engine[verb] as (...all: never[]) => Promise<never>)(...args);
    },
  });
}

test('resume: a daemon killed before the shift leaves the old release, one killed after it the new one', async (t) => {
  const cases = [
    { verb: 'create', serves: 'r1', verdict: 'undone' },
    { verb: 'start', serves: 'r1', verdict: 'undone' },
    { verb: 'stop', serves: 'r2', verdict: 'verified' },
  ] as const;
  for (const { verb, serves, verdict } of cases) {
    await t.test(`killed in ${verb}`, async () => {
      const reached = Promise.withResolvers<void>();
      const state = { armed: false, reached: reached.resolve };
      const world = await createWorld({ spec: SPEC, wrap: stopAt(verb, state) });
      world.release(SPEC, { web: 'a', api: 'a' });
      await world.move(DEPLOY);
      world.release(SPEC, { web: 'b', api: 'b' });
      state.armed = true;
      const running = await world.releases.begin({ ...DEPLOY, actor: 'ann', force: false, reason: undefined });
      running.done.catch(() => undefined);
      await reached.promise;
      await world.restart();
      assert.deepEqual(await world.serving('dev'), [`api ${serves}`, `web ${serves}`]);
      assert.deepEqual(await world.running(), [`dev api ${serves}`, `dev web ${serves}`]);
      assert.equal(world.releases.receipt('r2', 'dev').verdict, verdict);
      assert.equal(world.store.environments.replicas('dev').length, 2, 'nothing is left behind');
    });
  }
});

test('resume: an approval that was waiting goes on waiting', async () => {
  const spec = app([service('web', { expose: true })], [environment('prod', { approve: 1 })]);
  const world = await createWorld({ spec });
  world.release(spec, { web: 'a' });
  const before = await world.releases.begin({
    environment: 'prod',
    ask: { kind: 'deploy', release: undefined },
    actor: 'ann',
    force: false,
    reason: undefined,
  });
  before.done.catch(() => undefined);
  const releases = await world.restart();
  assert.equal(releases.receipt('r1', 'prod').verdict, 'waiting');
  releases.vote('a1', { actor: 'bob', approve: true, via: 'api', comment: undefined });
  while (releases.receipt('r1', 'prod').verdict !== 'verified') await new Promise((done) => setTimeout(done, 5));
  assert.deepEqual(await world.serving('prod'), ['web r1']);
});

test('deploy: a one-writer volume stops first, and the old one comes back when the new one fails', async () => {
  const spec = app([service('db', { expose: true, overlap: false, volumes: [{ name: 'data', path: '/data' }] })], [environment('dev')]);
  const together: number[] = [];
  const world = await createWorld({
    spec,
    behave: ({ image }) => (image.includes('sha256:c') ? { ends: { afterMs: 5, exitCode: 1 } } : {}),
    wrap: (engine) => ({
      ...engine,
      async stop(name, options) {
        assert.equal(world.releases.wantsRunning(name), false, 'the keeper must not start again what makes room for another writer');
        await engine.stop(name, options);
      },
      async start(name, signal) {
        await engine.start(name, signal);
        together.push((await engine.list(NEVER)).filter((each) => each.state.kind === 'running').length);
      },
    }),
  });
  for (const letter of ['a', 'b']) {
    world.release(spec, { db: letter });
    await world.move(DEPLOY);
  }
  assert.deepEqual(await world.serving('dev'), ['db r2']);
  world.release(spec, { db: 'c' });
  world.edge.setReady({ environment: 'dev', service: 'db', name: 'r3.1.3' }, false);
  await assert.rejects(world.move(DEPLOY), (error) => hasCode(error, 'releases/failed') && !/cannot go back/.test(String(error)));
  assert.deepEqual(await world.serving('dev'), ['db r2']);
  assert.deepEqual(await world.running(), ['dev db r2']);
  assert.equal(world.edge.held.size, 0, 'nobody waits in the edge');
  assert.ok(
    together.every((count) => count <= 1),
    `two writers at once: ${together.join(' ')}`,
  );
});

test('undo: an old replica comes back with the port and the health path of its own release', async () => {
  const at = (port: number, path: string) => {
    const db = service('db', { port, expose: true, overlap: false, volumes: [{ name: 'data', path: '/data' }] });
    return app([{ ...db, health: { ...db.health, path } }], [environment('dev')]);
  };
  const added: Server[] = [];
  const world = await createWorld({
    spec: at(5000, '/old'),
    wrapEdge: (edge) => ({
      ...edge,
      async add(server, signal) {
        added.push(server);
        await edge.add(server, signal);
      },
    }),
  });
  world.release(at(5000, '/old'), { db: 'a' });
  await world.move(DEPLOY);
  world.release(at(6000, '/new'), { db: 'b' });
  world.edge.setReady({ environment: 'dev', service: 'db', name: 'r2.1.2' }, false);
  await assert.rejects(world.move(DEPLOY), (error) => hasCode(error, 'releases/failed') && !/cannot go back/.test(String(error)));
  assert.deepEqual(
    added.map(({ name, port, healthPath }) => `${name} ${port} ${healthPath}`),
    ['r1.1.1 5000 /old', 'r2.1.2 6000 /new', 'r1.1.1 5000 /old'],
  );
});

test('status: says what was removed by hand, and recreate() brings it back', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  await world.move(DEPLOY);
  const name = (await world.engine.list(NEVER)).find((each) => each.labels['antler.service'] === 'web')?.name ?? '';
  assert.ok(world.releases.wantsRunning(name));
  await world.engine.remove(name, NEVER);
  const web = async () => {
    const containers = await world.engine.list(NEVER);
    const nobody = () => undefined;
    const { environments } = world.releases.status({ containers, edge: nobody, direct: nobody, trouble: nobody });
    return environments[0]?.services.find((each) => each.name === 'web');
  };
  assert.equal((await web())?.replicas[0]?.detail, 'no container');
  assert.equal((await web())?.replicas[0]?.running, null);
  await world.releases.recreate(name, NEVER);
  assert.equal((await web())?.replicas[0]?.running, 'r1');
});

test('dropGone: the containers of an environment that left the config go, the others stay', async () => {
  const world = await createWorld({ spec: SPEC });
  world.release(SPEC, { web: 'a', api: 'a' });
  await world.move(DEPLOY);
  await world.move({ environment: 'stg', ask: { kind: 'promote' } });
  delete (world.topology.environments as Record<string, unknown>)['stg'];
  await world.releases.dropGone();
  assert.deepEqual(await world.running(), ['dev api r1', 'dev web r1']);
  assert.deepEqual(world.store.environments.replicas('stg'), []);
});
