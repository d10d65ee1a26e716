/** createIncidents under a clock that is set, an hour there or back: nothing is told early, late, twice or never. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createHouse, createMemoryStore } from './fixtures.ts';

const HOUR = 3600;

for (const jump of [HOUR, -HOUR]) {
  const set = jump > 0 ? 'an hour forward' : 'an hour back';

  test(`observe: a clock that is set ${set} changes nothing of the patience with what is only weak`, async () => {
    const house = await createHouse();
    const weak = { services: { 'prod/a': ['degraded', 1000] } } as const;
    await house.see(0, { services: { 'prod/a': 'up' } });
    await house.see(1, weak);
    await house.see(2, weak, jump);
    await house.see(20, weak, jump);
    assert.deepEqual(house.told, []);
    await house.see(21, weak, jump);
    assert.deepEqual(house.told, ['open prod/a is degraded']);
  });

  test(`observe: a clock that is set ${set} in an outage neither ends it nor tells of it again, and it lasts as long as it did`, async () => {
    const house = await createHouse({ repeatMs: () => HOUR * 1000 });
    const down = { services: { 'prod/a': ['down', 1000], 'prod/b': 'up' } } as const;
    await house.see(1, down);
    await house.see(2, down, jump);
    await house.see(11, { services: { 'prod/a': ['down', 1000], 'prod/b': ['down', 11_000] } }, jump);
    assert.deepEqual(house.open(), ['service prod/a'], 'what falls right after it is a part of it');
    await house.see(31, { services: { 'prod/a': 'up', 'prod/b': 'up' } }, jump);
    assert.deepEqual(house.told, ['open prod/a is down', 'closed Well again: prod: a and b are down']);
    assert.ok(house.store.timeline(1).includes('closed well again after 30.0 s'), house.store.timeline(1).join('\n'));
  });

  test(`observe: a clock that is set ${set} while a part is asked for makes no second alert, and keeps none back`, async () => {
    const house = await createHouse();
    const down = { services: { 'prod/a': ['down', 0] } } as const;
    await house.see(0, { ...down, parts: { edge: 'suspect' } });
    await house.see(2, { ...down, parts: { edge: 'suspect' } }, jump);
    assert.deepEqual(house.told, [], 'it still waits for the word on the edge');
    await house.see(9, { ...down, parts: { edge: ['down', 9000] } }, jump);
    assert.deepEqual(house.told, ['open The edge is down']);
    const other = await createHouse();
    await other.see(0, { ...down, parts: { edge: 'suspect' } });
    await other.see(30, { ...down, parts: { edge: 'suspect' } }, jump);
    assert.deepEqual(other.told, ['open prod/a is down'], 'the word did not come');
    await other.see(35, { ...down, parts: { edge: ['down', 35_000] } }, jump);
    assert.deepEqual(other.open(), ['part edge'], 'it fell with the edge');
    assert.equal(other.told.length, 1);
  });

  test(`observe: a clock that is set ${set} neither drops what is not watched any more early, nor holds its incident open`, async () => {
    const house = await createHouse();
    await house.see(0, { services: { 'prod/a': 'down' } });
    await house.see(1, {});
    await house.see(2, {}, jump);
    await house.see(60, {}, jump);
    assert.deepEqual(house.open(), ['service prod/a']);
    await house.see(61, {}, jump);
    assert.deepEqual(house.open(), []);
  });

  test(`observe: a clock that is set ${set} neither forgets that something comes and goes, nor that it is calm`, async () => {
    const house = await createHouse();
    for (let at = 0; at < 60; at += 20) {
      await house.see(at, { services: { 'prod/a': 'down' } }, at > 20 ? jump : 0);
      await house.see(at + 10, { services: { 'prod/a': 'up' } }, at > 20 ? jump : 0);
    }
    const flapping = 'flapping prod/a is down, again and again: told once more when it is calm';
    assert.equal(house.told.filter((each) => each === flapping).length, 1, house.told.join('\n'));
    await house.see(640, { services: { 'prod/a': 'up' } }, jump);
    assert.deepEqual(house.open(), ['service prod/a']);
    await house.see(651, { services: { 'prod/a': 'up' } }, jump);
    assert.deepEqual(house.open(), []);
  });

  test(`observe: a clock that is set ${set} brings no reminder early, and the right one in time`, async () => {
    const house = await createHouse({ repeatMs: () => HOUR * 1000 });
    const down = { services: { 'prod/a': ['down', 0] } } as const;
    await house.see(0, down);
    for (const at of [2, HOUR - 1]) await house.see(at, down, jump);
    assert.equal(house.told.length, 1);
    await house.see(HOUR, down, jump);
    assert.deepEqual(house.told, ['open prod/a is down', 'reminder prod/a is down']);
  });

  test(`start: a daemon that comes back after the clock was set ${set} goes on with its incident, tells nothing twice, and closes it`, async () => {
    const store = createMemoryStore();
    const first = await createHouse({ store });
    await first.see(10, { services: { 'prod/a': 'down' } });
    const again = await createHouse({ store });
    await again.see(0, { services: { 'prod/a': ['down', 0] } }, jump);
    await again.see(5, { services: { 'prod/a': 'up' } }, jump);
    assert.deepEqual(again.told, ['closed Well again: prod/a is down']);
    assert.equal(store.rows.size, 1);
  });
}
