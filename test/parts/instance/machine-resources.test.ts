/** `machine.resources` of the config on the real machine: each kind is made, kept, and gone again when nobody names it. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { loadConfig } from '../../../src/config/config.ts';
import { createSupervisor } from '../../../src/host/host.ts';
import { lower, placeOf, raise } from '../../../src/instance/instance.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { configText, sample } from './samples.ts';

/** Not there before us: what somebody else installed is not ours to take away. */
const TINY = ['sl', 'hello'].find((name) => !existsSync(`/usr/share/doc/${name}`)) ?? 'sl';

test('machine.resources: a directory, a service and a package are made; up again finds nothing to do', { timeout: 300_000 }, async (t) => {
  const { signal } = t;
  const root = await mkdtemp('/var/tmp/ant-r-');
  t.after(() => rm(root, { recursive: true, force: true }));
  const [directory, name] = [join(root, 'made'), `tick-${process.pid}`];
  const resources = `machine: { resources: [
    { kind: 'directory', path: '${directory}', mode: '02750', owner: 'nobody', group: 'nogroup' },
    { kind: 'service', name: '${name}', command: ['/bin/sh', '-c', 'echo "$WORD"; exec sleep 86413'], env: { WORD: 'from the config' }, user: 'nobody' },
    { kind: 'package', name: '${TINY}' },
  ] },`;
  const it = await sample(t, 'shop', resources);
  const up = async (): ReturnType<typeof raise> =>
    raise({
      home: it.home,
      spec: (await loadConfig(it.folder, { signal })).spec,
      portOffset: 0,
      operators: [],
      signal,
      onEvent: () => undefined,
    });
  const { instance } = await up();
  const supervisor = createSupervisor(placeOf(instance));

  const made = await stat(directory);
  assert.deepEqual([made.mode & 0o7777, made.uid, made.gid], [0o2750, 65_534, 65_534]);
  assert.ok(existsSync(`/usr/share/doc/${TINY}`), TINY);
  const { running, pid = 0 } = await supervisor.state(name, signal);
  assert.ok(running);
  const user = await exec(['ps', '-o', 'user=,args=', '-p', String(pid)], { signal });
  assert.match(user.stdout, /^nobody +sleep 86413/);
  assert.match((await supervisor.lines(name, 5, signal)).join('\n'), /from the config/);
  assert.equal((await up()).changed, false);

  await t.test('the service comes back after a kill', async () => {
    process.kill(pid, 'SIGKILL');
    const back = async (): Promise<number | undefined> => {
      const now = await supervisor.state(name, signal);
      return now.running && now.pid !== pid ? now.pid : undefined;
    };
    assert.notEqual(await poll(back, { signal, timeoutMs: 20_000, what: `${name} to come back` }), pid);
  });

  await t.test('what the config no longer names goes; a package of ours stays until the purge', async () => {
    await writeFile(join(it.folder, 'antler.config.ts'), configText('shop', it.ports));
    const last = (await supervisor.state(name, signal)).pid ?? 0;
    await up();
    assert.equal(existsSync(directory), false);
    assert.equal(existsSync(`/proc/${last}`), false, 'its process');
    assert.equal((await supervisor.state(name, signal).catch(() => undefined))?.running ?? false, false);
    assert.ok(existsSync(`/usr/share/doc/${TINY}`));
    await lower({ home: it.home, purge: true, signal, onEvent: () => undefined });
    assert.equal(existsSync(`/usr/share/doc/${TINY}`), false);
  });
});
