import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createSelf, type Self } from './self.ts';

interface Time {
  readonly self: Self;
  /** Seconds that we lived; `slept` more went by while the machine was suspended; the loop stood still for `stalled` of them. */
  readonly pass: (seconds: number, more?: { readonly slept?: number; readonly stalled?: number }) => void;
}

function time(canary: () => Promise<boolean> = async () => true): Time {
  let [monotonic, boot, stall] = [0, 0, 0];
  const self = createSelf(
    {
      monotonic: () => monotonic,
      boot: () => boot,
      stall() {
        const longest = stall;
        stall = 0;
        return longest;
      },
    },
    canary,
  );
  return {
    self,
    pass(seconds, { slept = 0, stalled = 0 } = {}) {
      monotonic += seconds * 1000;
      boot += (seconds + slept) * 1000;
      stall = stalled * 1000;
      self.tick();
    },
  };
}

const inside = { began: 0, fault: 'ECONNREFUSED', outside: false };

test('excuse(): a failure is the target’s where all is well with us', async () => {
  assert.equal(await time().self.excuse(inside), undefined);
});

test('excuse(): a machine that was suspended for ten minutes says nothing for ten seconds, then again', async () => {
  const { self, pass } = time();
  pass(1);
  pass(1, { slept: 600 });
  assert.equal(await self.excuse({ ...inside, began: 2000 }), 'the machine slept for 600 s');
  assert.equal(self.state().own, 'the machine slept for 600 s');
  pass(9);
  assert.equal(await self.excuse({ ...inside, began: 11_000 }), 'the machine slept for 600 s');
  pass(2);
  assert.equal(await self.excuse({ ...inside, began: 13_000 }), undefined);
  assert.equal(self.state().own, undefined);
});

test('excuse(): a loop that stood still while we looked; a look after it counts', async () => {
  const { self, pass } = time();
  pass(1);
  pass(2, { stalled: 1.5 });
  assert.equal(await self.excuse({ ...inside, began: 1500 }), 'our own loop stood still');
  assert.equal(await self.excuse({ ...inside, began: 3500 }), undefined);
  assert.equal(self.state().loopLagMs, 1500);
  for (let second = 0; second < 61; second += 1) pass(1);
  assert.equal(self.state().loopLagMs, 0);
});

test('excuse(): a short stall excuses nothing, and a process that stood still for long is as one that slept', async () => {
  const { self, pass } = time();
  pass(1, { stalled: 0.9 });
  assert.equal(await self.excuse(inside), undefined);
  pass(600, { stalled: 599 });
  assert.equal(await self.excuse({ ...inside, began: 602_000 }), 'we stood still for 599 s');
});

test('excuse(): no files, no ports: ours, wherever the target is; no way and no resolver: ours where the world outside is asked', async () => {
  const { self } = time();
  const why = async (fault: string, outside: boolean) => self.excuse({ began: 0, fault, outside });
  assert.equal(await why('EMFILE', false), 'too many open files');
  assert.equal(await why('EADDRNOTAVAIL', true), 'no free port');
  assert.equal(await why('ENETUNREACH', true), 'no route');
  assert.equal(await why('ENETUNREACH', false), undefined);
  assert.equal(await why('EAI_AGAIN', true), 'the resolver does not answer');
  assert.equal(await why('resolver', true), 'the resolver does not answer');
  assert.equal(await why('ENOTFOUND', true), undefined);
});

test('excuse(): a canary that does not sing makes every failure ours, until it sings again; it is asked once for all', async () => {
  let [sings, asked] = [false, 0];
  const { self } = time(async () => {
    asked += 1;
    return sings;
  });
  const answers = await Promise.all([self.excuse(inside), self.excuse(inside)]);
  assert.deepEqual([answers, asked, self.state().canary], [Array(2).fill('our own canary does not answer'), 1, false]);
  sings = true;
  assert.equal(await self.excuse(inside), undefined);
  assert.equal(self.state().canary, true);
});

test('createSelf(): the real canary sings', async () => {
  const clocks = { monotonic: () => 0, boot: () => 0, stall: () => 0 };
  assert.equal(await createSelf(clocks).excuse(inside), undefined);
});
