import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';

import { onAbort } from './wait.ts';

test('onAbort: acts once, at once where it is too late, never after it was disposed; one listener for all', () => {
  const stop = new AbortController();
  const acted: string[] = [];
  for (let each = 0; each < 20; each += 1) onAbort(stop.signal, () => acted.push('stays'));
  onAbort(stop.signal, () => acted.push('gone'))[Symbol.dispose]();
  assert.equal(getEventListeners(stop.signal, 'abort').length, 1);
  stop.abort();
  assert.deepEqual(acted, Array(20).fill('stays'));
  onAbort(stop.signal, () => acted.push('late'));
  assert.equal(acted.at(-1), 'late');
});
