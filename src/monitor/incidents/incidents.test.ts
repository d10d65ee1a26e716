/** createIncidents: one incident a cause, its timeline, who is told, and what a restart finds. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHouse, createMemoryStore, type MemoryStore } from './fixtures.ts';
import type { Deploy } from './types.ts';

const SIX = ['dev/backend', 'dev/frontend', 'stg/backend', 'stg/frontend', 'prod/backend', 'prod/frontend'];

test('observe: a service that is down is one incident, told once, and closes by itself when it is up', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/backend': 'up' } });
  await house.see(20, { services: { 'prod/backend': 'down' }, release: 'r43' });
  await house.see(21, { services: { 'prod/backend': ['down', 20_000] }, release: 'r43' });
  assert.deepEqual(house.told, ['open prod/backend is down']);
  assert.deepEqual(house.open(), ['service prod/backend']);
  await house.see(40, { services: { 'prod/backend': 'unknown' } });
  await house.see(45, { services: { 'prod/backend': 'deploying' } });
  assert.deepEqual(house.open(), ['service prod/backend']);
  await house.see(60, { services: { 'prod/backend': 'up' } });
  assert.deepEqual(house.told, ['open prod/backend is down', 'closed Well again: prod/backend is down']);
  assert.deepEqual(house.open(), []);
  assert.deepEqual(house.store.timeline(1), [
    'opened prod/backend (r43) is down: refused',
    'notified chat: open, answers 200',
    'transition prod/backend: down → unknown: refused',
    'transition prod/backend: unknown → deploying: refused',
    'transition prod/backend: deploying → up',
    'closed well again after 40.0 s',
    'notified chat: closed, answers 200',
  ]);
  assert.equal(house.store.rows.get(1)?.release, 'r43');
});

test('observe: `deploying`, `unknown` and `up` open nothing; drift opens one of its own severity', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'dev/a': 'deploying', 'stg/a': 'unknown', 'prod/a': 'up' }, monitors: { shop: 'unknown' } });
  assert.deepEqual(house.open(), []);
  await house.see(1, { services: { 'dev/a': 'drift' }, reason: 'wanted r2, answers r1' });
  await house.see(20, { services: { 'dev/a': ['drift', 1000] }, reason: 'wanted r2, answers r1' });
  assert.deepEqual(house.open(), [], 'it is given a moment');
  await house.see(21, { services: { 'dev/a': ['drift', 1000] }, reason: 'wanted r2, answers r1' });
  assert.equal(house.store.rows.get(1)?.severity, 'drift');
  assert.equal(house.store.rows.get(1)?.title, 'dev/a is not on the release that is wanted');
});

test('observe: six services down by one dead engine are one incident and one alert', async () => {
  const house = await createHouse();
  const down = (since: number) => Object.fromEntries(SIX.map((name) => [name, ['down', since] as const]));
  await house.see(0, { services: Object.fromEntries(SIX.map((name) => [name, 'up'])) });
  await house.see(20, { services: { 'dev/backend': 'down' }, parts: { engine: 'suspect' } });
  await house.see(49, { services: { 'dev/backend': ['down', 20_000] }, parts: { engine: 'suspect' } });
  assert.deepEqual(house.open(), [], 'it waits for the word on the engine');
  await house.see(49, { services: down(20_000), parts: { engine: 'down' } });
  await house.see(60, { services: down(20_000), parts: { engine: ['down', 49_000] } });
  assert.deepEqual(house.open(), ['part engine']);
  assert.deepEqual(house.told, ['open The engine is down']);
  assert.deepEqual(house.store.rows.get(1)?.subjects.toSorted(), [...SIX, 'engine'].toSorted());
  await house.see(80, { services: down(20_000) });
  assert.deepEqual(house.open(), ['part engine'], 'its services are not well yet');
  await house.see(90, { services: Object.fromEntries(SIX.map((name) => [name, 'up'])) });
  assert.deepEqual(house.open(), []);
  assert.equal(house.told.length, 2);
});

test('observe: where the word on a part does not come, a service that is down is told all the same', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down' }, parts: { engine: 'suspect' } });
  await house.see(30, { services: { 'prod/a': ['down', 0] }, parts: { engine: 'suspect' } });
  assert.deepEqual(house.told, ['open prod/a is down']);
});

test('observe: an incident that began just before its part was called dead becomes the part’s, and is not told again', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down', 'dev/b': 'down' } });
  assert.equal(house.told.length, 2);
  await house.see(10, { services: { 'prod/a': ['down', 0], 'dev/b': ['down', 0], 'stg/a': 'down' }, parts: { edge: 'down' } });
  assert.deepEqual(house.open(), ['part edge']);
  assert.equal(house.told.length, 2, 'no third');
  assert.equal(house.store.rows.size, 2);
  assert.match(house.store.timeline(2).join('\n'), /closed goes on as a part of “The edge is down”/);
  assert.equal(house.store.rows.get(1)?.title, 'The edge is down');
  assert.match(house.store.timeline(1).join('\n'), /affected The edge is down: no answer\naffected stg\/a \(r1\) is down/);
});

test('observe: a replica that is started again is no incident; one that stays weak is, and a part that is only slow takes nobody with it', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'degraded' } });
  await house.see(10, { services: { 'prod/a': 'up' } });
  await house.see(40, { services: { 'prod/a': ['degraded', 20_000], 'prod/b': 'down' }, parts: { edge: ['degraded', 20_000] } });
  assert.deepEqual(house.open(), ['part edge', 'service prod/a']);
  assert.equal(house.store.rows.get(2)?.title, 'prod: a and b are down');
});

test('observe: what fell with one part stays with it when another one dies; drift is no company of an outage', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down' }, parts: { edge: 'down' } });
  await house.see(10, { services: { 'prod/a': ['down', 0] }, parts: { edge: ['down', 0], engine: 'down' } });
  assert.deepEqual(house.store.rows.get(1)?.subjects, ['edge', 'prod/a']);
  assert.deepEqual(house.store.rows.get(2)?.subjects, ['engine']);
  const other = await createHouse();
  await other.see(20, { services: { 'prod/b': ['drift', 0], 'prod/c': 'down' } });
  assert.deepEqual(other.open(), ['service prod/b', 'service prod/c']);
});

test('observe: what was down long before a part, or falls while the registry is dead, is a cause of its own', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down' } });
  await house.see(100, { services: { 'prod/a': ['down', 0], 'prod/b': 'down' }, parts: { edge: 'down', registry: 'down' } });
  assert.deepEqual(house.open(), ['part edge', 'part registry', 'service prod/a']);
  await house.see(200, { services: { 'dev/c': 'down' }, parts: { registry: ['down', 100_000] } });
  assert.ok(house.open().includes('service dev/c'));
});

test('observe: services of one environment that fall together are one incident, later ones another', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down', 'prod/b': 'down', 'dev/a': 'down' } });
  await house.see(20, { services: { 'prod/a': ['down', 0], 'prod/b': ['down', 0], 'prod/c': 'down', 'dev/a': ['down', 0] } });
  await house.see(90, { services: { 'prod/a': ['down', 0], 'prod/b': ['down', 0], 'prod/c': ['down', 20_000], 'prod/d': 'down' } });
  assert.deepEqual(house.told, ['open dev/a is down', 'open prod: a and b are down', 'open prod/d is down']);
  assert.equal(house.store.rows.get(2)?.title, 'prod: a, b and c are down');
  await house.see(100, { services: { 'prod/a': 'up', 'prod/b': ['down', 0], 'prod/c': 'up', 'prod/d': 'up', 'dev/a': 'up' } });
  assert.deepEqual(house.open(), ['service prod/a']);
});

test('observe: severity rises and is told; it does not fall', async () => {
  const house = await createHouse();
  await house.see(20, { monitors: { shop: ['degraded', 0] } });
  await house.see(25, { monitors: { shop: 'down' } });
  await house.see(29, { monitors: { shop: 'degraded' } });
  assert.deepEqual(house.told, ['open shop is degraded', 'worse shop is down']);
  assert.equal(house.store.rows.get(1)?.severity, 'down');
});

test('observe: more than four changes in half an hour are one digest, and then silence until it is calm', async () => {
  const house = await createHouse();
  for (let at = 0; at < 600; at += 60) await house.see(at, { monitors: { shop: at % 120 === 0 ? 'down' : 'up' } });
  assert.deepEqual(
    house.told.map((each) => each.split(' ')[0]),
    ['open', 'closed', 'open', 'closed', 'flapping'],
  );
  assert.equal(house.store.rows.size, 3);
  assert.deepEqual([house.open(), house.incidents.flaps('monitor shop')], [['monitor shop'], true]);
  await house.see(600 + 540, { monitors: { shop: ['up', 540_000] } });
  assert.deepEqual([house.open(), house.incidents.flaps('monitor shop')], [[], false]);
  assert.equal(house.told.at(-1), 'closed Well again: shop is down');
});

test('observe: a rollout of the environment is in the timeline by its release, also one from shortly before, each state once', async () => {
  const rollouts: Deploy[] = [
    rollout({ id: 6, release: 'r42', verdict: 'verified', startedAt: -2_000_000, endedAt: -1_900_000 }),
    rollout({ id: 7, release: 'r43', verdict: 'verified', startedAt: -60_000, endedAt: -30_000 }),
  ];
  const house = await createHouse({
    deploys: (environment, since) => rollouts.filter((each) => each.environment === environment && (each.endedAt ?? 0) >= since),
  });
  await house.see(0, { services: { 'prod/a': 'down' } });
  rollouts.push(rollout({ id: 8, release: 'r42', from: 'r43', kind: 'rollback', startedAt: 5000 }));
  for (const at of [5, 6, 7]) await house.see(at, { services: { 'prod/a': ['down', 0] } });
  rollouts[2] = rollout({ id: 8, release: 'r42', from: 'r43', kind: 'rollback', verdict: 'verified', startedAt: 5000, endedAt: 9000 });
  for (const at of [9, 10]) await house.see(at, { services: { 'prod/a': 'up' } });
  assert.deepEqual(
    house.store.timeline(1).filter((line) => line.startsWith('deploy')),
    [
      'deploy prod: deploy of r43 by ana was verified',
      'deploy prod: rollback to r42 (from r43) by ana began',
      'deploy prod: rollback to r42 (from r43) by ana was verified',
    ],
  );
});

test('observe: reminders come while nobody has acknowledged it', async () => {
  const house = await createHouse({ repeatMs: () => 60_000 });
  for (const at of [0, 30, 61, 90, 122]) await house.see(at, { monitors: { shop: ['down', 0] } });
  assert.deepEqual(
    house.told.map((each) => each.split(' ')[0]),
    ['open', 'reminder', 'reminder'],
  );
  const { incident } = await house.incidents.acknowledge(1, 'ana');
  assert.equal(incident.acknowledgedBy, 'ana');
  await house.incidents.acknowledge(1, 'ben');
  assert.equal(house.store.rows.get(1)?.acknowledgedBy, 'ana', 'the first stays');
  await house.see(400, { monitors: { shop: ['down', 0] } });
  assert.equal(house.told.length, 3);
  assert.equal(house.store.timeline(1).filter((line) => line === 'acknowledged').length, 1);
});

test('acknowledge and note: an unknown number and a closed incident are errors; a note may come later', async () => {
  const house = await createHouse();
  await house.see(0, { monitors: { shop: 'down' } });
  await house.see(1, { monitors: { shop: 'up' } });
  await assert.rejects(house.incidents.acknowledge(1, 'ana'), { code: 'monitor/incident-closed' });
  await assert.rejects(house.incidents.note(2, { text: 'x', actor: 'ana' }), { code: 'monitor/unknown-incident' });
  const { entries } = await house.incidents.note(1, { text: 'it was\nthe \u001b[31mcable', actor: 'ana' });
  assert.deepEqual(entries.find(({ kind }) => kind === 'note')?.text, 'it was\nthe  [31mcable');
});

test('start: after a restart open incidents go on, none is doubled, none is told twice', async () => {
  const first = await createHouse();
  await first.see(0, { services: { 'prod/a': 'down', 'prod/b': 'down' }, monitors: { shop: 'down' }, parts: { registry: 'down' } });
  const again = await createHouse({ store: first.store });
  assert.equal(again.open().length, 3);
  await again.see(10, {
    services: { 'prod/a': 'unknown', 'prod/b': 'unknown' },
    monitors: { shop: 'unknown' },
    parts: { registry: ['down', 0] },
  });
  await again.see(20, {
    services: { 'prod/a': ['down', 0], 'prod/b': ['down', 0] },
    monitors: { shop: ['down', 0] },
    parts: { registry: ['down', 0] },
  });
  assert.equal(first.store.rows.size, 3);
  assert.deepEqual(again.told, []);
  await again.see(30, { services: { 'prod/a': 'up', 'prod/b': 'up' }, monitors: { shop: 'up' } });
  assert.deepEqual(again.open(), []);
});

test('start: what a killed daemon did not tell is told, open and closed', async () => {
  const first = await createHouse({ mute: true });
  await first.see(0, { monitors: { shop: 'down', other: 'down' } });
  await first.see(1, { monitors: { shop: ['down', 0], other: 'up' } });
  const other = first.store.timeline(1).length;
  await first.store.addEntry({ incident: 1, at: 0, kind: 'notified', text: 'chat: open, answers 200', actor: '' });
  const again = await createHouse({ store: first.store });
  assert.deepEqual(again.told.toSorted(), ['closed Well again: other is down', 'open shop is down']);
  assert.ok(first.store.timeline(1).length > other);
  const third = await createHouse({ store: first.store });
  assert.deepEqual(third.told, []);
});

test('observe: what is not watched any more holds no incident open; a subject that is only late does', async () => {
  const house = await createHouse();
  await house.see(0, { services: { 'prod/a': 'down' } });
  for (const at of [30, 60, 89]) await house.see(at, {});
  assert.deepEqual(house.open(), ['service prod/a']);
  await house.see(90, {});
  assert.deepEqual(house.open(), []);
  assert.match(house.store.timeline(1).join('\n'), /prod\/a: is not watched any more/);
});

test('observe: of many tries in vain the first and the last are in the timeline', async () => {
  const house = await createHouse({ tries: ['refused', 'answers 500', 'refused'] });
  await house.see(0, { monitors: { shop: 'down' } });
  assert.deepEqual(house.store.timeline(1), [
    'opened shop is down: refused',
    'notify-failed chat: open, refused; again in 2.0 s',
    'notified chat: open, answers 200',
  ]);
});

test('observe: a store that fails loses no alert', async () => {
  const store: MemoryStore = { ...createMemoryStore(), saveIncident: async () => Promise.reject(new Error('disk I/O error')) };
  const house = await createHouse({ store });
  await house.see(0, { monitors: { shop: 'down' } });
  assert.deepEqual(house.told, ['open shop is down']);
  assert.match(house.lines.join('\n'), /monitor shop cannot be written: disk I\/O error/);
});

function rollout(more: Partial<Deploy>): Deploy {
  return {
    id: 1,
    environment: 'prod',
    release: 'r1',
    from: undefined,
    kind: 'deploy',
    verdict: 'running',
    actor: 'ana',
    startedAt: 0,
    endedAt: undefined,
    ...more,
  };
}
