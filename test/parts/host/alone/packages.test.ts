/** Packages on the real dpkg, with the real apt. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';

import { applyHost, planHost, readFacts, undoHost } from '../../../../src/host/host.ts';
import type { Resource } from '../../../../src/host/types.ts';
import { hasCode, type AntlerError } from '../../../../src/kit/errors.ts';
import { folder, signal } from '../help.ts';

const POLICY = '/usr/sbin/policy-rc.d';
// what somebody installed before us is not taken away: two tiny packages, the first that is not there
const TINY = ['hello', 'sl'].find((name) => !existsSync(`/usr/share/doc/${name}`)) ?? 'hello';
const HOLD_LOCK = `use Fcntl; open(F, "+<", "/var/lib/dpkg/lock-frontend") or die;
my $lock = pack("s s x4 q q l x4", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLKW, $lock) or die; $| = 1; print "held\\n"; sleep 60`;

test('applyHost() installs a package and its plan is empty; undoHost() takes it away only when asked', async (t) => {
  const wanted: readonly Resource[] = [{ kind: 'package', name: TINY }];
  const plan = async () => planHost(wanted, await readFacts(wanted, { signal }));
  const before = await readFile(POLICY, 'utf8').catch(() => undefined);
  const changes = await plan();
  assert.match(changes[0]?.text ?? '', new RegExp(`^install ${TINY} `));
  const lines: string[] = [];
  const heard: string[] = [];
  t.after(() => undoHost([{ kind: 'package', name: TINY }], { signal, packages: true }));
  const records = await applyHost(changes, {
    signal,
    onLine: (line) => lines.push(line),
    onUndo: (record) => void heard.push(record.kind),
  });
  assert.deepEqual(await plan(), []);
  assert.deepEqual(records, [{ kind: 'package', name: TINY }]);
  assert.deepEqual(heard, ['package']);
  assert.ok(lines.some((line) => line.includes(TINY)));
  assert.equal(await readFile(POLICY, 'utf8').catch(() => undefined), before);

  await undoHost(records, { signal });
  assert.deepEqual(await plan(), []);
  await undoHost(records, { signal, packages: true });
  assert.equal((await plan()).length, 1);
  await undoHost(records, { signal, packages: true }); // again is harmless
});

test('applyHost() waits for the dpkg lock, then names its holder', async (t) => {
  const holder = spawn('perl', ['-e', HOLD_LOCK], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => holder.kill());
  await once(holder.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
  const change = { resource: { kind: 'package', name: TINY }, action: 'create', text: `install ${TINY}`, detail: [] } as const;
  const waited: string[] = [];
  await assert.rejects(applyHost([change], { signal, lockWaitMs: 700, onLine: (line) => waited.push(line) }), (error: AntlerError) => {
    assert.ok(hasCode(error, 'host/dpkg-locked'), String(error));
    assert.match(error.message, new RegExp(`perl .*\\(process ${holder.pid}\\)`));
    return true;
  });
  assert.match(waited[0] ?? '', /waiting for perl/);
});

test('applyHost() says host/apt-unreachable with the last lines where no mirror answers', async (t) => {
  const place = await folder(t);
  await mkdir(join(place, 'lists/partial'), { recursive: true });
  await mkdir(join(place, 'parts'));
  await writeFile(join(place, 'sources.list'), 'deb [trusted=yes] http://127.0.0.1:1/debian bookworm main\n');
  const aptConfig = join(place, 'apt.conf');
  const settings = [
    `Dir::Etc::sourcelist "${place}/sources.list";`,
    `Dir::Etc::sourceparts "${place}/parts";`,
    `Dir::State::lists "${place}/lists";`,
    `Dir::Cache "${place}/cache";`,
    'Acquire::http::Proxy "false";',
    'Acquire::Retries "0";',
    'APT::Sandbox::User "root";',
  ];
  await writeFile(aptConfig, `${settings.join('\n')}\n`);
  const wanted: readonly Resource[] = [{ kind: 'package', name: 'antler-test-no-such-package' }];
  const options = { signal, aptConfig };
  await assert.rejects(
    async () => applyHost(planHost(wanted, await readFacts(wanted, options)), options),
    (error: AntlerError) => {
      assert.ok(hasCode(error, 'host/apt-unreachable'), `${String(error)} ${error.lines.join('\n')}`);
      assert.match(error.lines.join('\n'), /127\.0\.0\.1:1/);
      return true;
    },
  );
});

test('applyHost() says which package no source knows; readFacts() refuses a name that apt would read as a command', async () => {
  const wanted: readonly Resource[] = [{ kind: 'package', name: 'antler-test-no-such-package' }];
  await assert.rejects(
    async () => applyHost(planHost(wanted, await readFacts(wanted, { signal })), { signal }),
    (error: AntlerError) => {
      assert.ok(hasCode(error, 'host/apt-failed'), String(error));
      assert.match(error.message, /antler-test-no-such-package as no package source knows it/);
      return true;
    },
  );
  for (const name of ['git-', '--purge', 'g*', 'a b', '', 'x\ny', 'a'.repeat(300)]) {
    await assert.rejects(readFacts([{ kind: 'package', name }], { signal }), (error) => hasCode(error, 'host/apt-failed'), name);
  }
});

test('applyHost() fails rather than push out a package that is there', async () => {
  const there: readonly Resource[] = [{ kind: 'package', name: 'busybox-static' }]; // our tests need it
  const wanted: readonly Resource[] = [{ kind: 'package', name: 'busybox' }]; // each conflicts with the other
  const plan = planHost(wanted, await readFacts(wanted, { signal }));
  await assert.rejects(applyHost(plan, { signal }), (error) => hasCode(error, 'host/apt-failed'));
  assert.deepEqual(planHost(there, await readFacts(there, { signal })), []);
});

test('a policy-rc.d that a killed installation left is put right: what was there before comes back, the same file', async (t) => {
  const { denyServiceStarts, repairPolicy } = await import('../../../../src/host/apt/policy.ts');
  const mine = '#!/bin/sh\n# the administrator of this machine\nexit 0\n';
  const original = await readFile(POLICY).catch(() => undefined);
  t.after(async () => {
    await rm(`${POLICY}.before-antler`, { force: true });
    if (original === undefined) await rm(POLICY, { force: true });
    else await writeFile(POLICY, original, { mode: 0o755 });
  });
  await writeFile(POLICY, mine, { mode: 0o750 });
  const { ino } = await stat(POLICY);
  await denyServiceStarts(); // as if killed here: never disposed
  const left = await readFile(POLICY, 'utf8');
  assert.match(left, /exit 101/);
  await writeFile(POLICY, left.replace(/: \d+ /, ': 4194305 ')); // a process that does not live
  assert.equal(await repairPolicy(), true);
  assert.equal(await readFile(POLICY, 'utf8'), mine);
  assert.equal((await stat(POLICY)).ino, ino);
  assert.equal(await repairPolicy(), false);
});
