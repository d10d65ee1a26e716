import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { keptIn } from './kept.ts';
import { readWorkflow } from './read.ts';

const GOOD = 'on: push\njobs: { a: { runs-on: x, steps: [{ run: "echo ${{ github.ref }}" }] } }\n';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'antler-kept-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'below');
}

test('readWorkflow keep: gives what was read before, for the same path and text only, to nobody else', async (t) => {
  const keep = folderFor(t);
  const first = await readWorkflow('w.yml', GOOD, { keep });
  const [name = ''] = readdirSync(keep);
  const file = join(keep, name);
  assert.deepEqual(JSON.parse(readFileSync(file, 'utf8')), first);
  assert.deepEqual([statSync(keep).mode & 0o777, statSync(file).mode & 0o777], [0o700, 0o600]);
  writeFileSync(file, readFileSync(file, 'utf8').replace('echo', 'kept'));
  assert.match(JSON.stringify(await readWorkflow('w.yml', GOOD, { keep })), /kept/);
  for (const [path, text] of [
    ['v.yml', GOOD],
    ['w.yml', `${GOOD}\n`],
  ] as const)
    assert.doesNotMatch(JSON.stringify(await readWorkflow(path, text, { keep })), /kept/);
  assert.equal(readdirSync(keep).length, 3);
});

test('readWorkflow keep: a torn file is read again, problems are never kept, and a folder that cannot be is no failure', async (t) => {
  const keep = folderFor(t);
  await readWorkflow('w.yml', GOOD, { keep });
  const [name = ''] = readdirSync(keep);
  writeFileSync(join(keep, name), '{"kind": "work');
  assert.equal((await readWorkflow('w.yml', GOOD, { keep })).kind, 'workflow');
  assert.doesNotThrow(() => JSON.parse(readFileSync(join(keep, name), 'utf8')) as unknown);
  assert.equal((await readWorkflow('w.yml', 'on: x', { keep })).kind, 'problems');
  assert.equal(readdirSync(keep).length, 1);
  assert.equal((await readWorkflow('w.yml', GOOD, { keep: join(keep, name, 'no') })).kind, 'workflow');
});

test('readWorkflow keep: the oldest of more than 200 go', async (t) => {
  const keep = folderFor(t);
  await readWorkflow('first.yml', GOOD, { keep });
  const [oldest = ''] = readdirSync(keep);
  utimesSync(join(keep, oldest), 1, 1);
  for (let index = 0; index < 199; index++) writeFileSync(join(keep, `${index}.json`), '{}');
  await readWorkflow('last.yml', GOOD, { keep });
  assert.deepEqual([readdirSync(keep).length, readdirSync(keep).includes(oldest)], [200, false]);
});

test('keptIn: what other code has read does not count', async (t) => {
  const folder = folderFor(t);
  const result = await readWorkflow('w.yml', GOOD);
  keptIn(folder, 'before').keep('w.yml', GOOD, result);
  assert.deepEqual(keptIn(folder, 'before').find('w.yml', GOOD), result);
  assert.equal(keptIn(folder, 'after').find('w.yml', GOOD), undefined);
  assert.equal(keptIn(folder).find('w.yml', GOOD), undefined);
});
