import assert from 'node:assert/strict';
import { test } from 'node:test';

import { externalImages } from './dockerfile.ts';
import { createAsker, matches, planStandIns } from './stand-ins.ts';

test('matches() finds the base that stands for a FROM, however either is written', () => {
  const base = { name: 'python', key: undefined, reference: undefined, resolvedAt: undefined, packages: {}, bytes: undefined };
  const bases = [{ ...base, spec: { packages: [], node: false, standsFor: ['docker.io/library/python:3.12-slim'] } }];
  const found = matches(externalImages('ARG V=3.12\nFROM python:$V-slim\nFROM redis', {}), bases);
  assert.deepEqual(found, [{ written: 'python:$V-slim', image: 'docker.io/library/python:3.12-slim', base: 'python' }]);
});

test('planStandIns() asks each registry once, and a base stands only where it does not answer', async (t) => {
  const asked: string[] = [];
  const ask = async (host: string): Promise<boolean> => {
    asked.push(host);
    return host === 'there.example';
  };
  const candidates = ['there.example/a:1', 'gone.example/b:1', 'gone.example/c:1'].map((image) => ({ written: image, image, base: 'x' }));
  const planned = await planStandIns(candidates, { ask, signal: t.signal });
  assert.deepEqual(
    planned.map(({ image }) => image),
    ['gone.example/b:1', 'gone.example/c:1'],
  );
  assert.deepEqual(asked, ['there.example', 'gone.example']);
});

test('createAsker() waits no second time for a registry that was silent half a minute ago, and always asks one that answered', async (t) => {
  let now = 1000;
  let answer = true;
  let asked = 0;
  const ask = createAsker({ now: () => now }, async () => {
    asked += 1;
    return answer;
  });
  const looks: [boolean, number][] = [];
  const look = async (): Promise<number> => looks.push([await ask('x', t.signal), asked]);
  await look();
  answer = false;
  await look();
  now += 29_999;
  answer = true;
  await look();
  now += 1;
  await look();
  assert.deepEqual(looks, [
    [true, 1],
    [false, 2],
    [false, 2],
    [true, 3],
  ]);
});
