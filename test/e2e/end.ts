/** The last hours of an instance: a reboot, `down`, `down --purge`. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

import { kill, pidsOf, podman, untilAnswers } from '../kit/machine.ts';
import { it, url } from './shared.ts';

const run = promisify(execFile);

/** What answers in each environment, by its entry and by each service's own word. */
async function served(): Promise<readonly string[]> {
  const entries = [30008, 30009, 30010].map(async (port) => (await fetch(url(port))).headers.get('x-release'));
  const services = (await it.status()).environments.flatMap(({ name, services: all }) =>
    all.map((each) => `${name}/${each.name} ${each.digest} ${String(each.answering)} of ${String(each.release)}`),
  );
  return [...(await Promise.all(entries)).map(String), ...services];
}

test('everything killed, networks, bridges and addresses gone, as after a reboot: the boot entry brings all back, each with its release', async () => {
  const { id } = JSON.parse(readFileSync(join(it.home, 'instance.json'), 'utf8')) as { id: string };
  await it.until(async () => (await it.status()).environments.every((each) => each.verdict === 'up'));
  const before = await served();
  const inside = (await podman(it, 'ps', '--format', '{{.Pid}}')).trim().split('\n').map(Number);
  for (let turn = 0; turn < 5; turn += 1)
    for (const pid of [...(await pidsOf(it.home, '')), ...(await pidsOf(id, 'conmon')), ...inside]) kill(pid);
  await dropBridges(id);
  await run('nft', ['delete', 'table', 'inet', `antler_${id}`]);
  const { stdout } = await run('ip', ['-o', '-4', 'address', 'show', 'dev', 'lo']);
  for (const address of stdout.matchAll(/inet (10\.[\d.]+\/32)/g)) {
    const file = readFileSync(join(it.home, 'edge/addresses'), 'utf8');
    if (file.includes(address[1] ?? '?')) await run('ip', ['address', 'del', address[1] ?? '', 'dev', 'lo']);
  }
  await assert.rejects(fetch(url(30008)));
  await run(join(it.home, 'boot'), [], { timeout: 60_000 });
  for (const port of [30008, 30009, 30010]) await untilAnswers(url(port), { everyMs: 200, timeoutMs: 60_000 });
  await it.until(async () => (await it.status()).environments.every((each) => each.verdict === 'up'));
  assert.deepEqual(await served(), before);
});

/** The rest of what a reboot takes, Podman's own state under /run and its network namespaces, is every other instance's too: a real one is in test/vm. */
async function dropBridges(id: string): Promise<void> {
  const [, block = ''] = /10\.(\d+)\./.exec(readFileSync(join(it.home, 'edge/addresses'), 'utf8')) ?? assert.fail(`${id} has no block`);
  const { stdout } = await run('ip', ['-o', '-4', 'address', 'show']);
  const bridges = stdout.split('\n').filter((line) => new RegExp(` inet 10\\.${block}\\.1\\d\\d\\.1/24 `).test(line));
  assert.ok(bridges.length >= 3, stdout);
  for (const line of bridges) await run('ip', ['link', 'delete', line.split(/\s+/)[1] ?? '']);
}

test('down keeps the data; down --purge leaves nothing', async () => {
  const { id } = JSON.parse(readFileSync(join(it.home, 'instance.json'), 'utf8')) as { id: string };
  const down = await it.antler(['down', '--yes']);
  assert.equal(down.code, 0, down.stdout + down.stderr);
  assert.equal((await podman(it, 'ps', '-aq', '--filter', `label=antler.instance=${id}`)).trim(), '');
  assert.deepEqual(await pidsOf(it.home, ''), []);
  const purge = await it.antler(['down', '--purge', '--yes']);
  assert.equal(purge.code, 0, purge.stdout + purge.stderr);
  const { stdout: tables } = await run('nft', ['list', 'tables']);
  assert.doesNotMatch(tables, new RegExp(id));
  const { stdout: networks } = await run('podman', ['network', 'ls']);
  assert.doesNotMatch(networks, new RegExp(id));
  assert.throws(() => readFileSync(join(it.home, 'platform.db')));
});
