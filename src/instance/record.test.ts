import assert from 'node:assert/strict';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { readLedger } from './ledger.ts';
import { instanceId, pathsOf } from './paths.ts';
import { createInstance, openInstance, type CreateOptions } from './record.ts';
import { parseIdLines } from './surroundings.ts';

async function scratch(t: TestContext): Promise<{ readonly home: string; readonly options: CreateOptions; readonly machine: string }> {
  const folder = await mkdtemp('/var/tmp/antler-record-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  const machine = join(folder, 'machine');
  const options: CreateOptions = {
    portOffset: 100,
    operators: ['me'],
    surroundings: { routes: [], idLines: [], listening: new Set() },
    ledger: { signal: t.signal, directory: machine },
    clock: { now: () => 0 },
  };
  return { home: join(folder, 'home'), options, machine };
}

test('createInstance() claims a block, ids and a port, and finds them again', async (t) => {
  const { home, options, machine } = await scratch(t);
  const made = await createInstance(home, options);
  assert.equal(made.id, instanceId(home));
  assert.equal(made.registryPort, 30_600);
  assert.deepEqual(await createInstance(home, { ...options, portOffset: 7 }), made);
  assert.deepEqual(await openInstance(home), made);
  const ledger = await readLedger(machine);
  assert.deepEqual(Object.keys(ledger.entries).sort(), [`address-block:${made.block}`, `id-block:${made.idBase}`, 'port:30600']);
  assert.deepEqual(ledger.homes, { [made.id]: home });
});

test('createInstance() goes on with what a half-made instance at this home had claimed', async (t) => {
  const { home, options } = await scratch(t);
  const made = await createInstance(home, options);
  await writeFile(pathsOf(home).record, '{"id": "half');
  assert.deepEqual(await createInstance(home, options), made);
});

test('createInstance() gives two homes different blocks, ids and ports', async (t) => {
  const { home, options } = await scratch(t);
  const [one, two] = [await createInstance(home, options), await createInstance(`${home}2`, options)];
  assert.notEqual(one.block, two.block);
  assert.notEqual(one.idBase, two.idBase);
  assert.notEqual(one.registryPort, two.registryPort);
});

test('createInstance() adds an operator to an instance that is there', async (t) => {
  const { home, options } = await scratch(t);
  await createInstance(home, options);
  assert.deepEqual((await createInstance(home, { ...options, operators: ['you'] })).operators, ['me', 'you']);
});

test('openInstance() sees one instance through a link', async (t) => {
  const { home, options } = await scratch(t);
  const made = await createInstance(home, options);
  await symlink(home, `${home}-link`);
  assert.equal((await openInstance(`${home}-link`)).id, made.id);
});

test('openInstance() refuses a home without an instance, and one that is too long', async () => {
  await assert.rejects(openInstance('/var/tmp/antler-none'), (error) => hasCode(error, 'instance/absent'));
  await assert.rejects(openInstance(`/var/tmp/${'x'.repeat(60)}`), (error) => hasCode(error, 'instance/home-too-long'));
});

test('pathsOf() keeps every socket of the longest home within 107 bytes', () => {
  const paths = pathsOf(`/${'x'.repeat(59)}`);
  for (const path of [paths.apiSocket, paths.engineSocket, `${paths.edge}/runtime-and-some-more.sock`]) assert.ok(path.length <= 107);
});

test('parseIdLines() reads /etc/subuid and skips what is none', () => {
  assert.deepEqual(parseIdLines('me:100000:65536\n\n# no\n'), [{ user: 'me', start: 100_000, count: 65_536 }]);
});
