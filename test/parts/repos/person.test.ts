/** readCheckout(): what a person's checkout is at, and that nothing of its config runs as root. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { readCheckout } from '../../../src/repos/repos.ts';
import { personsCheckout, run } from './fixture.ts';

const OWNER = 4242;

test('readCheckout: commit, branch, root and how many files differ; a folder without a commit has none', async (t) => {
  const folder = mkdtempSync('/var/tmp/antler-person-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'clone');
  const person = await personsCheckout(directory);
  const { signal } = t;
  assert.deepEqual(await readCheckout(folder, signal), { commit: undefined, branch: undefined, root: false, changed: 0 });
  const sha = await person.commit('one', { 'a b\n"c"': 'x', 'sub/file': 'y' });
  const branch = await person.git('symbolic-ref', '--short', 'HEAD');
  assert.deepEqual(await readCheckout(directory, signal), { commit: sha, branch, root: true, changed: 0 });
  writeFileSync(join(directory, 'a b\n"c"'), 'other');
  writeFileSync(join(directory, 'new\nfile'), '');
  assert.deepEqual(await readCheckout(directory, signal), { commit: sha, branch, root: true, changed: 2 });
  assert.deepEqual(await readCheckout(join(directory, 'sub'), signal), { commit: sha, branch, root: false, changed: 0 });
});

test('readCheckout: filters of the checkout run as its owner, monitors and hooks of it not at all', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const folder = mkdtempSync('/var/tmp/antler-person-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const directory = join(folder, 'clone');
  const person = await personsCheckout(directory);
  await person.commit('one', { file: 'x', '.gitattributes': '* filter=evil\n' });
  const said = join(directory, '.git/said');
  for (const [key, who] of [
    ['filter.evil.clean', 'filter'],
    ['core.fsmonitor', 'monitor'],
  ] as const)
    await person.git('config', key, `echo ${who} $(id -u) >> ${said}; cat`);
  writeFileSync(join(directory, 'file'), 'y'); // of the same length, so that git must look into it
  await run(['chmod', '755', folder]);
  await run(['chown', '-R', `${OWNER}:${OWNER}`, directory]);
  assert.equal((await readCheckout(directory, t.signal)).changed, 1);
  const lines = new Set(readFileSync(said, 'utf8').trim().split('\n'));
  assert.deepEqual([...lines], [`filter ${OWNER}`]);
});
