import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { hasCode } from '../kit/errors.ts';
import { admit, createAdmission, jobLimits, jobReserve, type AdmissionRequest } from './admission.ts';

const GIB = 1024 ** 3;
const NEVER = new AbortController().signal;

test('jobLimits, jobReserve: a share of the machine, between a floor and a ceiling', () => {
  assert.deepEqual(jobLimits({ memory: GIB, cores: 4 }), { memory: GIB / 4, cpus: 4, pids: 1024 });
  assert.equal(jobLimits({ memory: GIB / 2, cores: 1 }).memory, GIB / 4);
  assert.equal(jobLimits({ memory: 64 * GIB, cores: 16 }).memory, 2 * GIB);
  assert.equal(jobReserve({ memory: GIB / 2 }), GIB / 8);
  assert.equal(jobReserve({ memory: 20 * GIB }), GIB);
});

test('admit: a table of rooms', () => {
  const room = { available: 4 * GIB, reserve: GIB, slots: 2 };
  const busy = { memory: 2 * GIB, used: 0 };
  const cases = [
    [[], room, 'start'],
    [[busy], room, 'wait'],
    [[{ ...busy, used: 1.5 * GIB }], room, 'start'], // what it uses is gone from the available already
    [[{ ...busy, used: 3 * GIB }], { ...room, available: 3 * GIB }, 'start'], // more than promised does not give room
    [[], { ...room, available: 2.9 * GIB }, 'wait'],
    [
      [
        { memory: 0, used: 0 },
        { memory: 0, used: 0 },
      ],
      room,
      'wait',
    ],
  ] as const;
  for (const [running, where, wanted] of cases) assert.equal(admit({ memory: 2 * GIB }, running, where).kind, wanted);
  const short = admit({ memory: 2 * GIB }, [busy], room);
  assert.match(short.kind === 'wait' ? short.reason : '', /needs 2 GB.*1 GB are free.*2 GB are promised/);
});

test('createAdmission: first come, first served; who waits is told why; an end lets the next one in', async () => {
  const desk = createAdmission({ slots: 1, reserve: 0, available: () => 10 * GIB, everyMs: 5 });
  const order: string[] = [];
  const told: string[] = [];
  const ask = (name: string): AdmissionRequest => ({
    memory: GIB,
    signal: NEVER,
    onWait: (reason) => void told.push(`${name}: ${reason}`),
  });
  const first = await desk.enter(ask('first'));
  const others = ['second', 'third'].map(async (name) => {
    using _ = await desk.enter(ask(name));
    order.push(name);
    await delay(5);
  });
  await delay(20);
  assert.deepEqual(order, []);
  assert.deepEqual(told, [
    'second: a job is running, and 1 may run at once',
    'third: 1 job is before it: a job is running, and 1 may run at once',
  ]);
  first[Symbol.dispose]();
  await Promise.all(others);
  assert.deepEqual(order, ['second', 'third']);
});

test('createAdmission: memory that becomes free is seen; a small job does not overtake a large one', async () => {
  let available = GIB;
  const desk = createAdmission({ slots: 9, reserve: 0, available: () => available, everyMs: 5 });
  const started: string[] = [];
  const enter = async (name: string, memory: number): Promise<void> => {
    await desk.enter({ memory, signal: NEVER, onWait: () => undefined });
    started.push(name);
  };
  const all = [enter('large', 2 * GIB), enter('small', GIB / 2)];
  await delay(20);
  assert.deepEqual(started, []);
  available = 8 * GIB;
  await Promise.all(all);
  assert.deepEqual(started, ['large', 'small']);
});

test('createAdmission: who is cancelled leaves the queue, and the next one goes on', async () => {
  const desk = createAdmission({ slots: 1, reserve: 0, available: () => GIB, everyMs: 60_000 });
  const running = await desk.enter({ memory: GIB, signal: NEVER, onWait: () => undefined });
  const until = new AbortController();
  const cancelled = desk.enter({ memory: GIB, signal: until.signal, onWait: () => undefined });
  const next = desk.enter({ memory: GIB / 2, signal: NEVER, onWait: () => undefined });
  until.abort();
  await assert.rejects(cancelled, (error) => hasCode(error, 'kit/aborted'));
  running[Symbol.dispose]();
  (await next)[Symbol.dispose]();
  await assert.rejects(desk.enter({ memory: 1, signal: until.signal, onWait: () => undefined }), (error) => hasCode(error, 'kit/aborted'));
});
