/** An instance on the real machine: raised, raised again, killed and booted, lowered; two side by side; what stands in the way. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { loadConfig } from '../../../src/config/config.ts';
import { planHost, processesOf, readFacts } from '../../../src/host/host.ts';
import type { Resource } from '../../../src/host/types.ts';
import { askHealth } from '../../../src/instance/health.ts';
import { driftMachine, lower, openInstance, placeOf, prepare, raise } from '../../../src/instance/instance.ts';
import type { Instance } from '../../../src/instance/types.ts';
import { lockLedger, readLedger } from '../../../src/instance/ledger.ts';
import { readApplied } from '../../../src/instance/machine.ts';
import { AntlerError, type ErrorBody } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { configText, listen, sample, type Sample } from './samples.ts';

function up(t: TestContext, { home, spec }: Pick<Sample, 'home' | 'spec'>): ReturnType<typeof raise> {
  return raise({ home, spec, portOffset: 0, operators: [], signal: t.signal, onEvent: () => undefined });
}

async function rejection(work: Promise<unknown>): Promise<ErrorBody> {
  try {
    await work;
  } catch (error) {
    if (error instanceof AntlerError) return error.toBody();
    throw error;
  }
  return assert.fail('it did not refuse');
}

/** Addresses and tables of the instance that are on the machine. */
async function traces(block: number, id: string, signal: AbortSignal): Promise<readonly string[]> {
  const addresses = await exec(['ip', '-4', '-oneline', 'address', 'show', 'dev', 'lo'], { signal });
  const tables = await exec(['nft', 'list', 'tables'], { signal });
  return [
    ...addresses.stdout.split('\n').filter((line) => line.includes(` 10.${block}.`)),
    ...tables.stdout.split('\n').filter((line) => line.includes(id)),
  ];
}

test('raise() brings a daemon up, changes nothing the second time, and lower() leaves no trace', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  const first = await up(t, it);
  assert.ok(first.changed);
  const { id, block } = first.instance;
  assert.equal((await traces(block, id, t.signal)).length, 3, 'two addresses and a table');

  const again = await up(t, it);
  assert.equal(again.changed, false);
  assert.equal(again.health.pid, first.health.pid, 'the daemon was left alone');
  assert.deepEqual(await driftMachine({ instance: first.instance, signal: t.signal }), []);

  await exec(['ip', 'address', 'delete', `10.${block}.1.1/32`, 'dev', 'lo'], { signal: t.signal });
  const drift = await driftMachine({ instance: first.instance, signal: t.signal });
  assert.deepEqual(
    drift.map(({ resource, action }) => [resource.kind, action]),
    [['address', 'create']],
  );
  assert.ok((await up(t, it)).changed, 'and up puts it back');

  const applied = [...(await readApplied(it.home, 'machine')), ...(await readApplied(it.home, 'network'))];
  await mkdir(`/run/antler-builder-${id}`); // as a build leaves it
  await lower({ home: it.home, purge: true, signal: t.signal, onEvent: () => undefined });
  assert.equal(existsSync(it.home), false);
  assert.equal(existsSync(`/run/antler-builder-${id}`), false);
  assert.deepEqual(await processesOf(it.home), []);
  assert.deepEqual(await traces(block, id, t.signal), []);
  assert.deepEqual(await stillThere(applied, { id, home: it.home }, t.signal), []);
  const ledger = await readLedger();
  assert.equal(ledger.homes[id], undefined);
  assert.equal(Object.values(ledger.entries).filter(({ users }) => users.includes(id)).length, 0);
});

/** Of what was made for this instance alone. */
async function stillThere(
  applied: readonly Resource[],
  of: { readonly id: string; readonly home: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const own = applied.filter((resource) => JSON.stringify(resource).includes(of.id) || JSON.stringify(resource).includes(`${of.home}/`));
  const facts = await readFacts(own, { signal, place: placeOf(of) });
  return planHost([], facts, own).map(({ text }) => text);
}

test('raise() twice at once on two homes gives two instances that do not know each other', { timeout: 300_000 }, async (t) => {
  const [one, two] = [await sample(t), await sample(t, 'blog')];
  const [first, second] = await Promise.all([up(t, one), up(t, two)]);
  assert.notEqual(first.instance.block, second.instance.block);
  assert.notEqual(first.instance.registryPort, second.instance.registryPort);
  await lower({ home: one.home, purge: true, signal: t.signal, onEvent: () => undefined });
  assert.equal((await askHealth(two.home, t.signal))?.pid, second.health.pid);
  assert.deepEqual(await driftMachine({ instance: second.instance, signal: t.signal }), [], 'what both wanted is still there');
});

test('an instance comes back after a reboot, after down, and goes when it is half-made', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  const { instance, health } = await up(t, it);
  if (placeOf(instance).kind === 'runit') await reboot(t, it.home, instance); // under systemd a real one proves it: test/vm
  assert.notEqual((await askHealth(it.home, t.signal))?.pid, placeOf(instance).kind === 'runit' ? health.pid : undefined);

  await lower({ home: it.home, purge: false, signal: t.signal, onEvent: () => undefined });
  assert.deepEqual(await processesOf(it.home), []);
  assert.deepEqual(await traces(instance.block, instance.id, t.signal), []);
  assert.ok(existsSync(join(it.home, 'platform.db')), 'its data stays');
  assert.deepEqual((await up(t, it)).instance, instance);

  await writeFile(join(it.home, 'platform.db.v1'), 'a copy before a migration');
  for (const name of ['instance.json', 'applied-machine.json', 'applied-network.json', 'topology.json']) await rm(join(it.home, name));
  await lower({ home: it.home, purge: true, signal: t.signal, onEvent: () => undefined });
  assert.deepEqual(await processesOf(it.home), []);
  assert.deepEqual(await traces(instance.block, instance.id, t.signal), []);
  assert.equal(existsSync(it.home), false);
});

/** Takes everything that a reboot takes, then runs the boot entry. */
async function reboot(t: TestContext, home: string, instance: Instance): Promise<void> {
  for (const { pid } of await processesOf(home)) process.kill(pid, 'SIGKILL');
  await exec(['nft', 'delete', 'table', 'inet', `antler_${instance.id}`], { signal: t.signal });
  for (const e of [1, 2]) await exec(['ip', 'address', 'delete', `10.${instance.block}.${e}.1/32`, 'dev', 'lo'], { signal: t.signal });
  await exec([join(home, 'boot')], { signal: t.signal });
  await poll(async () => askHealth(home, t.signal), { signal: t.signal, timeoutMs: 60_000, what: 'the daemon' });
  const looked = async (): Promise<true | undefined> =>
    (await driftMachine({ instance, signal: t.signal })).length === 0 ? true : undefined;
  assert.ok(await poll(looked, { signal: t.signal, timeoutMs: 30_000, everyMs: 500, what: 'everything to be as it was' }));
}

test('raise() refuses a second app, and a taken port, the console’s too, before it changes anything', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  for (const [port = 0, code, at] of [
    [it.ports[0], 'edge/port-taken', 'environments.dev.port'],
    [it.ports[2], 'console/port-taken', 'console.port'],
  ] as const) {
    const server = await listen(port);
    t.after(() => server.close());
    const taken = await rejection(up(t, it));
    assert.equal(taken.code, code);
    assert.match(taken.message, new RegExp(`${at}.*${port}.*process ${process.pid}: `));
    assert.ok(taken.hint !== '');
    assert.equal(existsSync(it.home), false);
    await new Promise((closed) => server.close(closed));
  }

  await prepare({ ...it, portOffset: 0, operators: [], make: true, signal: t.signal });
  await writeFile(join(it.folder, 'antler.config.ts'), configText('other', it.ports));
  const { spec } = await loadConfig(it.folder, { signal: t.signal });
  const other = await rejection(up(t, { home: it.home, spec }));
  assert.equal(other.code, 'releases/other-app');
  assert.match(other.message, /other.*shop/);
});

test('raise() refuses a disk below the floor', { timeout: 60_000 }, async (t) => {
  const it = await sample(t);
  await mkdir(it.home, { recursive: true });
  await exec(['mount', '-t', 'tmpfs', '-o', 'size=64m', 'antler-test', it.home], { signal: t.signal });
  try {
    const refused = await rejection(up(t, it));
    assert.equal(refused.code, 'host/disk-floor');
    assert.match(refused.message, /64.* free: the floor is/);
  } finally {
    await exec(['umount', it.home], { signal: AbortSignal.timeout(10_000) });
  }
});

test('applying waits for the ledger’s holder, and machine.resources are undone when nobody wants them', { timeout: 300_000 }, async (t) => {
  const path = `/var/tmp/ant-motd-${process.pid}`;
  await writeFile(path, 'before\n');
  t.after(() => rm(path, { force: true }));
  const it = await sample(t, 'shop', `machine: { resources: [{ kind: 'file', path: '${path}', content: 'ours\\n' }] },`);
  const held = await lockLedger({ signal: t.signal });
  setTimeout(() => void held[Symbol.asyncDispose](), 2000);
  const from = performance.now();
  await up(t, it);
  assert.ok(performance.now() - from > 2000);
  assert.equal(await readFile(path, 'utf8'), 'ours\n');
  await writeFile(join(it.folder, 'antler.config.ts'), configText('shop', it.ports));
  await up(t, { home: it.home, spec: (await loadConfig(it.folder, { signal: t.signal })).spec });
  assert.equal(await readFile(path, 'utf8'), 'before\n', 'the config no longer names it');
  assert.equal((await openInstance(it.home)).operators.length, 0);
});
