/** What a container for a job adds, on a real kernel: folders of the machine, ids of its own, nobody beside it, commands that end by themselves. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import type { ContainerSpec, SpawnedIn } from '../../../src/engines/types.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { openPodman } from './fixture.ts';

test('podman: a container for a job', async (t) => {
  const fixture = await openPodman(t);
  const { engine } = fixture;
  const signal = AbortSignal.timeout(240_000);
  await engine.ensureNetwork({ name: fixture.network, subnet: `${fixture.net}.0/24` }, signal);
  const folder = await mkdtemp('/var/tmp/antler-job-');
  t.after(() => rm(folder, { recursive: true, force: true }));

  const jobSpec = (name: string, more: Partial<ContainerSpec> = {}): ContainerSpec => {
    const { idBase: _, ...spec } = specOf(fixture, name, {
      userns: 'auto',
      init: true,
      alone: true,
      entrypoint: ['tail'],
      command: ['-f', '/dev/null'],
      cpuShares: 128,
      oomScore: 500,
      pids: 200,
      memory: 128 * 1024 * 1024,
      cpus: 2,
      ...more,
    });
    return spec;
  };
  /** Returns the pid of its first process. */
  const begin = async (spec: ContainerSpec): Promise<number> => {
    await engine.create(spec, signal);
    await engine.start(spec.name, signal);
    const state = (await engine.inspect(spec.name, signal))?.state;
    assert.ok(state?.kind === 'running', JSON.stringify(state));
    return state.pid;
  };
  interface Heard {
    readonly process: SpawnedIn;
    readonly text: () => string;
  }
  const sh = async (name: string, script: string, hear: (bytes: Uint8Array) => Promise<void> | void = () => undefined): Promise<Heard> => {
    let text = '';
    const process = await engine.spawn(name, {
      argv: ['sh', '-c', script],
      env: { PATH: '/bin' },
      cwd: '/',
      together: true,
      onOutput: async (bytes) => {
        text += Buffer.from(bytes).toString('utf8');
        await hear(bytes);
      },
      signal,
    });
    return { process, text: () => text };
  };
  const says = async (name: string, script: string): Promise<string> => {
    const { process, text } = await sh(name, script);
    await process.exit;
    return text();
  };

  await t.test('its root is nobody on the machine, another in each; a folder of the machine is handed over', async () => {
    const source = join(folder, 'workspace');
    await mkdir(source);
    await writeFile(join(folder, 'given'), 'given');
    const mounts = [
      { source, path: '/work/it', readOnly: false },
      { source: join(folder, 'given'), path: '/given', readOnly: true },
    ];
    const [one, other] = [jobSpec('one', { mounts }), jobSpec('other', { mounts })];
    const pid = await begin(one);
    const base = (await engine.place(one.name, signal)).idBase;
    assert.ok(base !== undefined && base > 65_536);
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:\\t${base}\\t[\\s\\S]*^NoNewPrivs:\\t1$`, 'm'));
    assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '500');
    await chown(source, base, base);
    assert.equal(
      await says(one.name, 'echo mine > /work/it/file && chown 33:33 /work/it/file; echo no > /given; cat /given'),
      "sh: can't create /given: Read-only file system\ngiven",
    );
    assert.deepEqual(await stat(join(source, 'file')).then(({ uid, gid }) => [uid - base, gid - base]), [33, 33]);
    assert.equal(await readFile(join(source, 'file'), 'utf8'), 'mine\n');
    await begin(other);
    assert.notEqual((await engine.place(other.name, signal)).idBase, base);
    assert.match(await says(other.name, 'echo yours > /work/it/file; rm /work/it/file'), /can't create[\s\S]*can't remove/);
    for (const { name } of [one, other]) await engine.remove(name, signal);
  });

  await t.test('it reaches nobody beside it on its bridge, and the machine it reaches', async () => {
    const [caller, called, open] = [jobSpec('caller'), jobSpec('called'), jobSpec('open', { alone: false })];
    const pids: number[] = [];
    for (const spec of [caller, called, open]) {
      pids.push(await begin(spec));
      assert.equal(await says(spec.name, 'httpd -p 80 -h /etc; echo $?'), '0\n');
    }
    const calls = async (address: string): Promise<string> => {
      const argv = ['nsenter', '-t', `${pids[0]}`, '-n', 'curl', '-s', '-m', '2', `http://${address}/passwd`] as const;
      return (await exec(argv, { signal, accept: [7, 28] })).stdout;
    };
    assert.match(await calls(open.address), /^root/, 'one that is not isolated: the way is there');
    assert.doesNotMatch(await calls(called.address), /^root/);
    await engine.stop(called.name, { graceMs: 0, signal });
    await engine.start(called.name, signal);
    await says(called.name, 'httpd -p 80 -h /etc');
    assert.doesNotMatch(await calls(called.address), /^root/, 'also after another start');
    for (const { name } of [caller, called, open]) await engine.remove(name, signal);
  });

  await t.test('spawn: streams are pipes of the command’s own; a background process neither delays its end nor dies of it', async () => {
    const spec = jobSpec('streams');
    await begin(spec);
    assert.equal(await says(spec.name, 'echo 1 > /dev/stdout; echo 2 > /dev/stderr; id -u; echo 3 >&2; echo 4'), '1\n2\n0\n3\n4\n');
    const before = performance.now();
    const { process, text } = await sh(spec.name, 'yes & echo $! > /tmp/pid; exit 3');
    assert.equal(await process.exit, 3);
    assert.ok(performance.now() - before < 10_000);
    const length = text().length;
    await delay(300);
    assert.equal(text().length, length, 'not heard any more');
    assert.equal(await says(spec.name, 'kill -0 $(cat /tmp/pid) && echo lives'), 'lives\n');
    await engine.remove(spec.name, signal);
  });

  await t.test('spawn: a slow listener slows the command down, and hears everything', async () => {
    const spec = jobSpec('slow');
    await begin(spec);
    let bytes = 0;
    const { process } = await sh(spec.name, 'dd if=/dev/zero bs=1000 count=2000 2>/dev/null; echo done > /tmp/done', async (piece) => {
      bytes += piece.length;
      await delay(40);
    });
    assert.equal(await says(spec.name, 'cat /tmp/done 2>/dev/null'), '', 'it waits');
    assert.equal(await process.exit, 0);
    assert.equal(bytes, 2_000_000);
    await engine.remove(spec.name, signal);
  });

  await t.test('spawn: a signal meets the whole group; killTree whoever left it; a wrong folder is said', async () => {
    const spec = jobSpec('signals');
    await begin(spec);
    const asked = await sh(spec.name, 'trap "echo asked; exit 9" INT; echo ready; sleep 1000 & sleep 1001; wait');
    await poll(() => (asked.text() === '' ? undefined : true), { signal, timeoutMs: 10_000, what: 'the trap' });
    asked.process.kill('SIGINT');
    assert.equal(await asked.process.exit, 9);
    assert.equal(asked.text(), 'ready\nasked\n');
    const deaf = await sh(spec.name, 'trap "" INT TERM; setsid sh -c "setsid sleep 1002; true" & while :; do sleep 1003; done');
    await poll(async () => ((await says(spec.name, 'ps')).includes('sleep 1002') ? true : undefined), {
      signal,
      timeoutMs: 10_000,
      what: 'it',
    });
    deaf.process.kill('SIGTERM');
    await deaf.process.killTree();
    assert.equal(await deaf.process.exit, 137);
    assert.doesNotMatch(await says(spec.name, 'ps'), /sleep 100[23]/);
    const lost = await engine.spawn(spec.name, { argv: ['true'], env: {}, cwd: '/no/such', onOutput: () => undefined, signal });
    await assert.rejects(lost.exit, /no\/such/);
    await engine.remove(spec.name, signal);
  });
});
