/** The doctor on the real machine: before `up`, after it, with a dead part, and behind a firewall that drops. */

import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { createClient } from '../../../src/cli/client.ts';
import { createSupervisor } from '../../../src/host/host.ts';
import { checkEngine, checkServices } from '../../../src/instance/doctor/instance-checks.ts';
import { examine, isFit, pathsOf, placeOf, provePath, raise, serviceNames } from '../../../src/instance/instance.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { listen, sample } from './samples.ts';

test('examine() says what is there, what is not, and what to type', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  const { signal } = t;
  const look = async (): Promise<Record<string, string>> => {
    const findings = await examine({ home: it.home, spec: it.spec, portOffset: 0, signal, onFinding: () => undefined });
    assert.equal(isFit(findings), !findings.some(({ state }) => state === 'todo'));
    return Object.fromEntries(findings.map(({ check, state }) => [check, state]));
  };
  const [, , consolePort = 0] = it.ports;
  const other = await listen(consolePort);
  assert.equal((await look())['ports'], 'todo', 'somebody else has the console’s port');
  await new Promise((closed) => other.close(closed));
  const before = await look();
  assert.equal(before['ports'], 'ok');
  assert.deepEqual([before['daemon'], before['edge'], before['registry'], before['firewall']], ['absent', 'absent', 'absent', 'absent']);

  const { instance, topology } = await raise({ ...it, portOffset: 0, operators: [], signal, onEvent: () => undefined });
  await createClient({ home: it.home }).stream('configure', { body: { directory: it.folder } }, { signal, onEvent: () => undefined });
  const after = await look();
  for (const check of ['ports', 'engine', 'cgroups', 'daemon', 'edge', 'registry', 'firewall']) assert.equal(after[check], 'ok', check);

  await t.test('the edge is asked: one that hangs is no edge', async () => {
    const supervisor = createSupervisor(placeOf(instance));
    const { pid } = await supervisor.state(serviceNames(instance.id).edge, signal);
    const worker = Number((await exec(['pgrep', '--parent', String(pid)], { signal })).stdout.trim().split('\n')[0]);
    process.kill(worker, 'SIGSTOP');
    const found = await checkServices(instance, signal).finally(() => process.kill(worker, 'SIGCONT'));
    const edge = found.find(({ check }) => check === 'edge');
    assert.deepEqual([edge?.state, edge?.hint?.includes(`kill -9 ${pid}`)], ['todo', true], JSON.stringify(edge));
    assert.match(edge?.detail ?? '', /runs but does not answer/);
  });

  await t.test('an engine that cannot run a container, or that limits none, is said, with what to type', async () => {
    const { engineConf } = pathsOf(it.home);
    const conf = await readFile(engineConf, 'utf8');
    await writeFile(engineConf, conf.replace(/^runtime = .*\n/m, '').replace('[engine]\n', '[engine]\nruntime = "none-such"\n'));
    const [unable, ...none] = await checkEngine(instance, signal);
    await writeFile(engineConf, conf);
    assert.deepEqual([unable?.check, unable?.state, none], ['engine', 'todo', []]);
    assert.match(unable?.detail ?? '', /could not run a container: .*none-such/s);
    assert.match(unable?.hint ?? '', /antler up/);

    // As on a Pi whose kernel has its memory controller off: the engine says nothing, and nothing is limited.
    const bin = join(it.folder, 'bin');
    await mkdir(bin);
    const lax = `#!/bin/sh\nfor word; do shift; case $skip$word in --memory | --memory-swap) skip=x ;; x*) skip= ;; *) set -- "$@" "$word" ;; esac; done\nexec /usr/bin/podman "$@"\n`;
    await writeFile(join(bin, 'podman'), lax, { mode: 0o755 });
    const { PATH } = process.env;
    process.env['PATH'] = `${bin}:${PATH}`;
    const [able, limits] = await checkEngine(instance, signal).finally(() => (process.env['PATH'] = PATH));
    assert.equal(able?.state, 'ok');
    assert.deepEqual([limits?.check, limits?.state], ['cgroups', 'todo']);
    assert.match(limits?.detail ?? '', /took more memory than its limit and went on/);
    assert.match(limits?.hint ?? '', /cgroup_enable=memory/);
  });

  // drops what comes from this instance's containers, and nobody else's packets
  const table = `antlertest${process.pid}`;
  const rules = [
    `table inet ${table} {`,
    'chain input {',
    'type filter hook input priority 0; policy drop;',
    'meta nfproto ipv6 accept',
    `ip saddr != 10.${instance.block}.0.0/16 accept`,
    'iif "lo" accept',
    'ct state established accept',
    '}',
    '}',
    '',
  ].join('\n');
  await exec(['nft', '-f', '-'], { signal, input: rules });
  await createSupervisor(placeOf(instance)).stop(serviceNames(instance.id).registry, signal);
  try {
    const broken = await look();
    assert.deepEqual([broken['firewall'], broken['registry']], ['todo', 'todo']);
    await assert.rejects(provePath({ instance, topology, spec: it.spec, signal, onEvent: () => undefined }), (error) => {
      assert.ok(error instanceof AntlerError);
      assert.equal(error.code, 'edge/firewalled');
      assert.match(error.hint, new RegExp(`nft insert rule inet ${table} input ip saddr 10.${instance.block}.0.0/16`));
      return true;
    });
    // the line that it prints opens the path
    const block = `10.${instance.block}.0.0/16`;
    await exec(['nft', 'insert', 'rule', 'inet', table, 'input', 'ip', 'saddr', block, 'ip', 'daddr', block, 'accept'], { signal });
    await provePath({ instance, topology, spec: it.spec, signal, onEvent: () => undefined });
  } finally {
    await exec(['nft', 'delete', 'table', 'inet', table], { signal: AbortSignal.timeout(10_000) });
  }
});
