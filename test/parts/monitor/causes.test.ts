/** Six services that fall with the part that carries them: the real monitor over real sockets, one incident, one POST to a real webhook. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { poll } from '../../../src/kit/wait.ts';
import type { Wanted } from '../../../src/monitor/monitor.ts';
import { backend, container, scene, wanted, type Backend } from './fixture.ts';
import { listen } from './people.ts';
import { openRegistry } from './registry.ts';

const NAMES = ['dev', 'stg', 'prod'].flatMap((environment) => ['backend', 'frontend'].map((service) => `${environment}/${service}`));
const { signal } = new AbortController();

test('a dead engine with all that it ran is one incident and one alert, not six; and its end is one', async (t) => {
  const { servers, all } = await six(t);
  let dead = false;
  const answer = Promise.withResolvers<never>();
  answer.promise.catch(() => undefined);
  const { monitor, look } = scene(t, all, { containers: async () => (dead ? answer.promise : [container()]) });
  await look();
  const people = await listen(t);
  const suspect = () => monitor.seen().parts.find(({ part }) => part === 'engine')?.suspect;
  assert.equal(suspect(), false);
  dead = true;
  for (const server of servers) await server.kill();
  const looking = look(3);
  await poll(() => (suspect() === true ? true : undefined), {
    signal,
    timeoutMs: 5000,
    what: 'a doubt about the engine that owes an answer',
  });
  await people.see(monitor);
  assert.equal(people.told.length, 0);
  answer.reject(new Error('nobody listens'));
  await looking;
  for (let time = 0; time < 3; time++) await people.see(monitor);
  await poll(() => people.told[0], { signal, timeoutMs: 5000, what: 'the alert' });
  assert.deepEqual(
    people.told.map(({ state, title }) => `${state} ${title}`),
    ['open The engine is down'],
  );
  assert.deepEqual(people.told[0]?.subjects.toSorted(), [...NAMES, 'engine'].toSorted());
  dead = false;
  for (const server of servers) await server.revive();
  await look(3);
  await people.see(monitor);
  await poll(() => people.told[1], { signal, timeoutMs: 5000, what: 'the news of its end' });
  assert.equal(people.told[1]?.title, 'Well again: The engine is down');
  assert.equal(people.store.rows.size, 1);
});

test('a dead edge is one incident and one alert, for whichever service was seen first', async (t) => {
  const { servers, all } = await six(t);
  let dead = false;
  const { monitor, look } = scene(t, all, { alive: { edge: async () => !dead, registry: async () => true } });
  await look();
  const people = await listen(t);
  dead = true;
  for (const server of servers) await server.kill();
  for (let time = 0; time < 4; time++) {
    await look();
    await people.see(monitor);
  }
  await poll(() => people.told[0], { signal, timeoutMs: 5000, what: 'the alert' });
  assert.deepEqual(
    people.told.map(({ title }) => title),
    ['The edge is down'],
  );
  assert.deepEqual([...people.store.rows.values()][0]?.subjects.toSorted(), [...NAMES, 'edge'].toSorted());
});

test('a registry killed for real is one incident of its own: no service goes down with it; and it closes by itself', async (t) => {
  const { all } = await six(t);
  const registry = await openRegistry(t);
  const { monitor, look, transitions } = scene(t, all, { alive: { edge: async () => true, registry: registry.alive } });
  await look();
  const people = await listen(t);
  const verdict = () => monitor.seen().parts.find(({ part }) => part === 'registry')?.verdict;
  const watch = async (times: number): Promise<void> => {
    for (let time = 0; time < times; time++) {
      await look();
      await people.see(monitor);
    }
  };
  await watch(1);
  assert.equal(verdict(), 'up');
  await registry.kill();
  await watch(4);
  assert.equal(verdict(), 'down');
  await poll(() => people.told[0], { signal, timeoutMs: 5000, what: 'the alert' });
  await registry.start();
  await watch(3);
  await poll(() => people.told[1], { signal, timeoutMs: 5000, what: 'the news of its end' });
  assert.deepEqual(
    people.told.map(({ state, title, subjects }) => `${state} ${title}: ${subjects.join()}`),
    ['open The registry is down: registry', 'closed Well again: The registry is down: registry'],
  );
  const [incident, ...more] = people.store.rows.values();
  assert.deepEqual([more.length, typeof incident?.closedAt], [0, 'number']);
  const told = (which: (environment: string) => boolean) =>
    transitions.filter(({ environment }) => which(environment)).map(({ service, from, to }) => `${service}: ${from} ${to}`);
  assert.deepEqual(
    told((environment) => environment === '').filter((line) => line.includes('registry')),
    ['antler/registry: unknown up', 'antler/registry: up down', 'antler/registry: down up'],
  );
  assert.deepEqual(
    told((environment) => environment !== '').filter((line) => !line.endsWith(': unknown up')),
    [],
    'no service went down with it',
  );
});

/** Each at a port of its own, which is its edge and its replica. */
async function six(t: TestContext): Promise<{ readonly servers: readonly Backend[]; readonly all: Wanted }> {
  const servers = await Promise.all(NAMES.map(async () => backend(t)));
  const services = servers.map((server, index) => {
    const [environment = '', service = ''] = NAMES[index]?.split('/') ?? [];
    const [one] = wanted(server).services;
    if (one === undefined) throw new Error('no service');
    return { ...one, environment, service };
  });
  return { servers, all: { services, rollouts: [], monitors: [] } };
}
