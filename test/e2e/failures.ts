/** Versions and builds that fail: they are explained, and what served serves on. */

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

import { answering, BACKEND, file, it, releases, url } from './shared.ts';

test('what fails is explained, and the old release serves on', async () => {
  const cases = [
    { name: 'dies', code: 'console.error("no such table"); process.exit(3);', says: /ended with 3/ },
    { name: 'eats its memory', code: 'const eaten = []; for (;;) eaten.push(Buffer.alloc(4 << 20, 1));', says: /more than its/ },
    {
      name: 'never listens',
      code: 'setInterval(() => undefined, 1000); await new Promise(() => undefined);',
      says: /listens on port 5000/,
    },
  ];
  const source = readFileSync(file(BACKEND), 'utf8');
  for (const { name, code, says } of cases) {
    const serves = await answering('dev');
    writeFileSync(file(BACKEND), `${code}\n`);
    await it.json(['build']);
    const ended = it.antler(['deploy', 'dev']);
    if (name === 'never listens') await it.until(async () => isComing(await it.service('dev', 'backend'), serves), 'what is coming');
    const failed = await ended;
    assert.equal(failed.code, 1, name);
    assert.match(failed.stdout + failed.stderr, says, name);
    assert.match(failed.stdout + failed.stderr, /hint/, name);
    assert.equal(await answering('dev'), serves, name);
    assert.equal((await fetch(url(30008))).status, 200, name);
  }
  const { incidents, environments } = await it.status();
  const ofDev = incidents.filter(({ title }) => title.startsWith('dev')); // what an earlier test watched outside has no part in it
  assert.deepEqual([environments.find(({ name }) => name === 'dev')?.verdict, ofDev], ['up', []], 'a start that fails is no outage');
  writeFileSync(file(BACKEND), source);
});

/** A new release is watched from the second it starts: it runs, does not answer, and takes nothing down. */
function isComing(service: Awaited<ReturnType<typeof it.service>>, serves: string | null | undefined): boolean {
  const [fresh] = service?.coming ?? [];
  return (
    service?.release === serves && service?.verdict === 'deploying' && fresh?.verdict === 'deploying' && fresh.running === fresh.release
  );
}

test('a Dockerfile that fails: the last lines, and nothing is recorded', async () => {
  const recipe = file('apps/moose-facts/backend/Dockerfile');
  const dockerfile = readFileSync(recipe, 'utf8');
  const count = (await releases()).length;
  appendFileSync(recipe, '\nRUN echo what went wrong >&2; exit 7\n');
  const failed = await it.antler(['build']);
  writeFileSync(recipe, dockerfile);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout + failed.stderr, /what went wrong/);
  assert.match(failed.stdout + failed.stderr, /images\/build-failed/);
  assert.equal((await releases()).length, count);
});
