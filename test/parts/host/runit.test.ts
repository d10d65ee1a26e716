/** The runit supervisor on real processes, and its way back after a reboot. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import process from 'node:process';
import { test } from 'node:test';

import { applyHost, bootResources, createSupervisor, planHost, processesOf, readFacts, undoHost } from '../../../src/host/host.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { randomId, service, signal, testPlace } from './help.ts';
import { supervisorSuite } from './supervisor-suite.ts';

supervisorSuite('runit');

test('runit: after every process of a home was killed, its init script brings all back; again it does nothing', async (t) => {
  const name = `antler-${randomId()}-main`;
  const place = await testPlace(t, 'runit', [name]);
  const options = { signal, place };
  const script = `/etc/init.d/antler-${place.id}`;
  const own = bootResources(place).filter((resource) => resource.kind === 'file' && resource.path !== '/etc/runit/lsb.runit.sysv');
  const wanted = [...own, service(name, ['sleep', '1000'])];
  const records = await applyHost(planHost(wanted, await readFacts(wanted, options)), options);
  t.after(() => undoHost(records, options));
  const linked = (): boolean => readdirSync('/etc/rc2.d').some((link) => link.endsWith(`antler-${place.id}`));
  assert.ok(linked());

  for (const { pid } of await processesOf(place.home)) process.kill(pid, 'SIGKILL');
  const gone = async (): Promise<true | undefined> => ((await processesOf(place.home)).length === 0 ? true : undefined);
  await poll(gone, { signal, timeoutMs: 3000, what: 'the end of all' });
  const supervisor = createSupervisor(place);
  assert.equal((await supervisor.state(name, signal)).running, false);

  const started = performance.now();
  await exec([script, 'start'], { signal });
  const back = async (): Promise<true | undefined> => ((await supervisor.state(name, signal)).running ? true : undefined);
  await poll(back, { signal, everyMs: 20, timeoutMs: 5000, what: 'the service' });
  t.diagnostic(`back ${Math.round(performance.now() - started)} ms after boot`);
  const { pid } = await supervisor.state(name, signal);
  await exec([script, 'start'], { signal });
  const processes = (await processesOf(place.home)).filter(({ command }) => command.startsWith('runsvdir'));
  assert.equal(processes.length, 1);
  assert.equal((await supervisor.state(name, signal)).pid, pid);

  await exec([script, 'stop'], { signal });
  await poll(gone, { signal, timeoutMs: 8000, what: 'the end of all' });
  await undoHost(records, options);
  assert.ok(!existsSync(script) && !linked());
});
