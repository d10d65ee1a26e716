import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createChanges } from './changes.ts';

test('changes: who follows hears at once, then once of all that happened while they were slow', async () => {
  const changes = createChanges();
  const stop = new AbortController();
  let heard = 0;
  const following = (async () => {
    for await (const _change of changes.follow(stop.signal)) {
      heard += 1;
      if (heard === 1) for (let ring = 0; ring < 100; ring += 1) changes.ring(); // all of it while this one is busy
    }
  })();
  await new Promise((resolve) => void setTimeout(resolve, 1200));
  stop.abort();
  await following;
  assert.equal(heard, 2);
});

test('changes: silence wakes nobody, and who leaves is let go', async () => {
  const changes = createChanges();
  const stop = new AbortController();
  const heard: number[] = [];
  const followers = [1, 2, 3].map(async (who) => {
    for await (const _change of changes.follow(stop.signal)) heard.push(who);
  });
  await new Promise((resolve) => void setTimeout(resolve, 600));
  assert.deepEqual(heard, [1, 2, 3]);
  stop.abort();
  await Promise.all(followers);
  assert.deepEqual(heard, [1, 2, 3]);
});
