/** What is deployed is watched from the second it starts: what serving() and status() say of a rollout at work, of one that fails, of a killed daemon's. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Status } from '../contract/status.ts';
import type { ServiceSpec } from '../config/types.ts';
import type { MemoryEdge } from '../edge/edge.ts';
import { app, environment, service } from './fixtures.ts';
import { createWorld, type World } from './world.ts';

const DEPLOY = { environment: 'dev', ask: { kind: 'deploy', release: undefined } } as const;
const NEVER = new AbortController().signal;

/** A world that says at the gate and at each shift what is watched. */
async function watched(web: Partial<ServiceSpec> = {}) {
  const spec = app(
    [service('web', { expose: true, health: { path: '/healthz', startMs: 200, intervalMs: 50, timeoutMs: 50 }, ...web })],
    [environment('dev', { strategy: { steps: [50, 100], bakeMs: 0 } })],
  );
  const seen: string[] = [];
  const say = (moment: string): void => void seen.push(`${moment}: ${servingOf(world)}; ${statusOf(world)}`);
  const world: World = await createWorld({
    spec,
    wrapEdge: (edge): MemoryEdge => ({
      ...edge,
      add: async (...asked) => {
        say('gate');
        await edge.add(...asked);
      },
      weights: async (...asked) => {
        await edge.weights(...asked);
        say('shift');
      },
    }),
  });
  const deploy = async (letter: string): Promise<readonly string[]> => {
    world.release(spec, { web: letter });
    await world.move(DEPLOY);
    say('after');
    return seen.splice(0);
  };
  return { world, spec, seen, deploy };
}

/** `r1 through the edge, r1.1.1, coming r2.1.2` */
function servingOf({ releases }: World): string {
  const said = releases.serving().services.map(({ release, edge, replicas, coming }) => {
    const names = (of: typeof replicas): string[] => of.map(({ name }) => name);
    const more = coming.length === 0 ? [] : [`coming ${names(coming).join(' ')}`];
    return [`${release}${edge === undefined ? '' : ' through the edge'}`, ...names(replicas), ...more].join(', ');
  });
  return said.join(' | ') || 'nothing';
}

/** `up [r1.1.1 up] + [r2.1.2 deploying]`, where nobody has looked, as nobody watches. */
function statusOf({ releases }: World): string {
  const { services } = devOf(releases.status({ containers: [], edge: nobody, direct: nobody, trouble: nobody }));
  const of = (replicas: (typeof services)[number]['replicas']): string => replicas.map(({ name, verdict }) => `${name} ${verdict}`).join();
  return services.map(({ release, replicas, coming }) => `${release ?? 'none'} [${of(replicas)}] + [${of(coming)}]`).join();
}

const nobody = (): undefined => undefined;
const devOf = (status: Status): Status['environments'][number] => status.environments[0] ?? assert.fail();

test('serving(), status(): the first release is watched from the gate on as what is coming, without the edge, and serves at the end', async () => {
  const { deploy } = await watched();
  assert.deepEqual(await deploy('a'), [
    'gate: r1, coming r1.1.1; none [] + [r1.1.1 deploying]',
    'shift: r1, coming r1.1.1; none [] + [r1.1.1 deploying]',
    'after: r1 through the edge, r1.1.1; r1 [r1.1.1 down] + []',
  ]);
});

test('serving(), status(): a new release is watched beside the old one at the gate and at every step of the shift', async () => {
  const { deploy } = await watched();
  await deploy('a');
  const both = 'r1 through the edge, r1.1.1, coming r2.1.2; r1 [r1.1.1 down] + [r2.1.2 deploying]';
  assert.deepEqual(await deploy('b'), [
    `gate: ${both}`,
    `shift: ${both}`,
    `shift: ${both}`,
    'after: r2 through the edge, r2.1.2; r2 [r2.1.2 down] + []',
  ]);
});

test('serving(), status(): while a one-writer volume changes hands the old release stays the wanted one, and nobody is asked through the edge', async () => {
  const { deploy } = await watched({ overlap: false });
  await deploy('a');
  const said = await deploy('b');
  assert.equal(said[0], 'gate: r1, coming r2.1.2; r1 [] + [r2.1.2 deploying]');
  assert.equal(said.at(-1), 'after: r2 through the edge, r2.1.2; r2 [r2.1.2 down] + []');
});

test('serving(), status(): what an abandoned rollout had started is gone with it, and so is what nobody could undo', async () => {
  const { world, spec, deploy } = await watched();
  await deploy('a');
  world.release(spec, { web: 'b' });
  world.edge.setReady({ environment: 'dev', service: 'web', name: 'r2.1.2' }, false);
  await assert.rejects(world.move(DEPLOY));
  const before = 'r1 through the edge, r1.1.1; r1 [r1.1.1 down] + []';
  assert.equal(`${servingOf(world)}; ${statusOf(world)}`, before);
  const left = { environment: 'dev', service: 'web', release: 2, replica: 1, address: '10.1.101.99', rollout: 2 };
  world.store.environments.addReplica(left);
  assert.equal(`${servingOf(world)}; ${statusOf(world)}`, before, 'its rollout has ended');
});

test('serving(): the same object as long as nothing has changed, another one when a replica begins to serve', async () => {
  const { world, deploy } = await watched();
  await deploy('a');
  const first = world.releases.serving();
  assert.equal(world.releases.serving(), first);
  world.store.environments.setReplica(1, 'paused');
  assert.notEqual(world.releases.serving(), first);
  assert.equal(servingOf(world), 'r1 through the edge', 'stopped, and no rollout at work: that is an outage');
});

test('status(): what is coming says what runs and what answers, and its share of the requests is no drift', async () => {
  const { world, spec } = await watched();
  world.release(spec, { web: 'a' });
  await world.move(DEPLOY);
  const open = world.store.rollouts.begin({
    environment: 'dev',
    release: 1,
    from: 1,
    kind: 'deploy',
    actor: 'ann',
    forcedReason: undefined,
    phase: 'start',
  });
  world.release(spec, { web: 'b' });
  world.store.environments.addReplica({ environment: 'dev', service: 'web', release: 2, replica: 1, address: '', rollout: open.id });
  const [old] = await world.engine.list(NEVER);
  assert.ok(old !== undefined);
  const name = 'antler-test-dev-web-r2-1-2';
  const containers = [old, { ...old, name, labels: { ...old.labels, 'antler.release': 'r2' } }];
  const answers = (release: string) => () => ({ well: true, release, detail: '' });
  const { services, verdict } = devOf(
    world.releases.status({
      containers,
      edge: answers('r2'),
      direct: answers('r2'),
      trouble: (each) => (each === name ? 'busy' : undefined),
    }),
  );
  const [web] = services;
  assert.deepEqual([verdict, web?.verdict, web?.release, web?.answering], ['deploying', 'up', 'r1', 'r2']);
  assert.deepEqual(web?.coming, [
    {
      name: 'r2.1.2',
      release: 'r2',
      digest: `sha256:${'b'.repeat(64)}`,
      running: 'r2',
      answering: 'r2',
      verdict: 'up',
      detail: 'busy',
    },
  ]);
  const stranger = world.releases.status({ containers, edge: answers('r7'), direct: answers('r2'), trouble: nobody });
  assert.equal(devOf(stranger).services[0]?.verdict, 'drift');
});
