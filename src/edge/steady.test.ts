import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createTurns } from '../kit/turns.ts';
import { createSteady } from './steady.ts';

const signal = new AbortController().signal;

function bench() {
  const did: string[] = [];
  let pid = 1;
  const steady = createSteady({
    runtime: { answer: async () => `Name: HAProxy\nPid: ${pid}\n` },
    turns: createTurns(),
    restore: async () => void did.push('restore'),
  });
  return { steady, did, crash: () => void (pid += 1) };
}

test('steady: a verb is done once, and its refusal is thrown, while HAProxy stays', async () => {
  const { steady, did } = bench();
  assert.equal(await steady(async () => did.push('work'), signal), 1);
  await assert.rejects(
    steady(async () => assert.fail('refused'), signal),
    /refused/,
  );
  assert.deepEqual(did, ['work']);
});

test('steady: a verb during which HAProxy was killed is done again on what the file says, whether it threw or not', async () => {
  for (const throws of [false, true]) {
    const { steady, did, crash } = bench();
    const work = async (): Promise<string> => {
      did.push('work');
      if (did.length > 1) return 'well';
      crash();
      return throws ? assert.fail('No such server.') : 'forgotten';
    };
    assert.equal(await steady(work, signal), 'well');
    assert.deepEqual(did, ['work', 'restore', 'work']);
  }
});

test('steady: gives up where HAProxy is killed each time', async () => {
  const { steady, did, crash } = bench();
  const work = async (): Promise<never> => {
    did.push('work');
    crash();
    return assert.fail('No such server.');
  };
  await assert.rejects(steady(work, signal), /No such server/);
  assert.equal(did.filter((each) => each === 'work').length, 3);
});
