/** Files, addresses, firewall tables, groups and id ranges on the real machine. */

import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { applyHost, planHost, readFacts, undoHost } from '../../../../src/host/host.ts';
import type { Resource, Undo } from '../../../../src/host/types.ts';
import { hasCode } from '../../../../src/kit/errors.ts';
import { exec } from '../../../../src/kit/exec.ts';
import { folder, randomId, signal } from '../help.ts';

const plan = async (wanted: readonly Resource[], previous: readonly Resource[] = []) =>
  planHost(wanted, await readFacts([...wanted, ...previous], { signal }), previous);

/** Applies; whatever happens then, it is undone after the test. */
async function apply(t: TestContext, wanted: readonly Resource[], previous: readonly Resource[] = []): Promise<readonly Undo[]> {
  const records: Undo[] = [];
  t.after(() => undoHost(records, { signal }));
  await applyHost(await plan(wanted, previous), { signal, onUndo: (record) => void records.push(record) });
  return records;
}

test('files and directories: made, then nothing to do, drift seen, undone to the very bytes, owner and mode', async (t) => {
  const root = await folder(t);
  const [dir, fresh, old, link] = [join(root, 'dir'), join(root, 'dir/fresh'), join(root, 'old'), join(root, 'link')];
  await writeFile(old, Buffer.from([0, 255, 10, 65]), { mode: 0o640 });
  await chmod(old, 0o640);
  await symlink('nowhere', link);
  const file = (path: string, content: string): Resource => ({
    kind: 'file',
    path,
    content,
    mode: 0o600,
    owner: 'nobody',
    group: 'nogroup',
  });
  const wanted = [
    file(fresh, 'fresh\n'),
    file(old, 'new\n'),
    file(link, 'no link any more\n'),
    { kind: 'directory', path: dir, mode: 0o2750, owner: 'nobody', group: 'nogroup' } as const,
  ];
  const records = await applyHost(await plan(wanted), { signal }); // the folder goes whole after the test
  assert.deepEqual(await plan(wanted), []);
  assert.equal((await stat(dir)).mode & 0o7777, 0o2750);
  assert.equal((await stat(fresh)).uid, 65534);

  await writeFile(fresh, 'drift\n');
  assert.deepEqual(
    (await plan(wanted)).map(({ text }) => text),
    [`write ${fresh}`],
  );
  await mkdir(join(dir, 'of-somebody-else'));
  await undoHost(records, { signal });
  await undoHost(records, { signal });
  assert.deepEqual(await readFile(old), Buffer.from([0, 255, 10, 65]));
  assert.equal((await stat(old)).mode & 0o7777, 0o640);
  const facts = await readFacts(wanted, { signal });
  assert.deepEqual(facts.paths[link], { kind: 'link', target: 'nowhere' });
  assert.deepEqual(facts.paths[fresh], { kind: 'absent' });
  assert.equal(facts.paths[dir]?.kind, 'directory'); // it holds what is not ours
});

test('applyHost() refuses a directory in a file’s place, an unknown owner and a path that is none', async (t) => {
  const root = await folder(t);
  const file: Resource = { kind: 'file', path: root, content: '', mode: 0o600, owner: 'root', group: 'root' };
  for (const wanted of [file, { ...file, path: join(root, 'a'), owner: 'no-such-user' }, { ...file, path: `${root}/../x` }]) {
    await assert.rejects(
      async () => applyHost(await plan([wanted]), { signal }),
      (error) => hasCode(error, 'host/apply-failed'),
    );
  }
});

test('applyHost() reads again before it acts, and skips what is true by now', async (t) => {
  const root = await folder(t);
  const wanted: readonly Resource[] = [{ kind: 'file', path: join(root, 'a'), content: 'x', mode: 0o644, owner: 'root', group: 'root' }];
  const changes = await plan(wanted);
  await writeFile(join(root, 'a'), 'x', { mode: 0o644 });
  const states: string[] = [];
  assert.deepEqual(await applyHost(changes, { signal, onStep: ({ state }) => states.push(state) }), []);
  assert.deepEqual(states, ['start', 'skipped']);
});

test('addresses: on lo, nothing to do then, the one no longer wanted goes', async (t) => {
  const net = `10.${randomInt(200, 250)}.${randomInt(1, 250)}`;
  const one: Resource = { kind: 'address', address: `${net}.1` };
  const two: Resource = { kind: 'address', address: `${net}.2` };
  await apply(t, [one, two]);
  assert.deepEqual(await plan([one, two]), []);
  await applyHost(await plan([two], [one, two]), { signal });
  assert.deepEqual(await plan([two], [one, two]), []);
  const { addresses } = await readFacts([one], { signal });
  assert.ok(addresses.includes(`${net}.2`) && !addresses.includes(`${net}.1`));
});

test('firewall: whole in one transaction, compared as nft prints it, drift seen, removed without a trace', async (t) => {
  const table = `antler_test_${randomId()}`;
  const rules =
    'chain input { type filter hook input priority 0; policy accept; ip saddr 10.255.255.255/32 ip daddr != { 10.9.2.2, 10.9.2.1 } drop; }';
  const wanted: readonly Resource[] = [{ kind: 'firewall', table, rules }];
  const records = await apply(t, wanted);
  assert.deepEqual(await plan(wanted), []);
  await exec(['nft', 'add', 'rule', 'inet', table, 'input', 'ip', 'saddr', '10.255.255.254', 'drop'], { signal });
  assert.deepEqual(
    (await plan(wanted)).map(({ action }) => action),
    ['update'],
  );
  await applyHost(await plan(wanted), { signal });
  assert.deepEqual(await plan(wanted), []);
  await undoHost(records, { signal });
  const { stdout } = await exec(['nft', 'list', 'tables'], { signal });
  assert.doesNotMatch(stdout, new RegExp(table));
});

test('firewall: rules that nft refuses change nothing and are shown with its words', async () => {
  const table = `antler_test_${randomId()}`;
  const wanted: readonly Resource[] = [{ kind: 'firewall', table, rules: 'chain a { no such rule; }' }];
  await assert.rejects(readFacts(wanted, { signal }), (error) => hasCode(error, 'kit/exec-failed'));
  const { stdout } = await exec(['nft', 'list', 'tables'], { signal });
  assert.doesNotMatch(stdout, new RegExp(table));
});

test('groups and id ranges: made, nothing to do then, taken back to the very bytes', async (t) => {
  const name = `antler-${randomId()}`;
  const files = ['/etc/subuid', '/etc/subgid', '/etc/group'];
  const read = (): Promise<readonly string[]> => Promise.all(files.map((file) => readFile(file, 'utf8').catch(() => '')));
  const before = await read();
  const wanted: readonly Resource[] = [
    { kind: 'group', name, members: ['nobody'] },
    { kind: 'id-range', user: name, start: 3_000_000_000, count: 65_536 },
  ];
  const records = await apply(t, wanted);
  assert.deepEqual(await plan(wanted), []);
  assert.match((await read())[0] ?? '', new RegExp(`^${name}:3000000000:65536$`, 'm'));
  await undoHost(records, { signal });
  assert.deepEqual(await read(), before);
});
