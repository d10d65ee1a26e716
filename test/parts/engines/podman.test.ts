/** What only a real kernel and Podman can break: limits, mapped root, addresses and namespaces, what is shared, what was killed behind our back. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import type { ContainerSpec, ContainerState } from '../../../src/engines/types.ts';
import { hasCode } from '../../../src/kit/errors.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { run, specOf } from '../../conformance/engine-fixture.ts';
import { cpuQuota } from './cpu.ts';
import { openPodman } from './fixture.ts';

test('podman: limits, ids, addresses and namespaces are real', async (t) => {
  const fixture = await openPodman(t);
  const { engine, network, net } = fixture;
  const signal = AbortSignal.timeout(240_000);
  await engine.ensureNetwork({ name: network, subnet: `${net}.0/24` }, signal);

  const begin = async (spec: ContainerSpec): Promise<Extract<ContainerState, { kind: 'running' }>> => {
    await engine.create(spec, signal);
    await engine.start(spec.name, signal);
    const state = (await engine.inspect(spec.name, signal))?.state;
    assert.ok(state?.kind === 'running', JSON.stringify(state));
    return state;
  };
  const sh = (
    name: string,
    script: string,
  ): Promise<{ readonly stdout: string; readonly stderr: string; readonly exitCode: number | undefined }> =>
    run(engine, name, { argv: ['/bin/sh', '-c', script], signal });
  const holders = async (address: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const name of existsSync('/run/netns') ? readdirSync('/run/netns') : []) {
      const { stdout } = await exec(['ip', '-n', name, '-4', '-o', 'address'], { signal, accept: [1, 2, 255] });
      if (stdout.includes(` ${address}/`)) found.push(name);
    }
    return found;
  };

  await t.test('root within is the first id of the range without', async () => {
    const spec = specOf(fixture, 'mapped', { idBase: 1_310_720 });
    const { pid } = await begin(spec);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    assert.match(status, /^Uid:\t1310720\t/m);
    assert.match(status, /^Gid:\t1310720\t/m);
    assert.match(status, /^NoNewPrivs:\t1$/m);
    assert.equal((await sh(spec.name, 'id -u')).stdout, '0\n');
    await engine.remove(spec.name, signal);
  });

  await t.test('cpus is the quota of its control group, as the kernel has it', async () => {
    const spec = specOf(fixture, 'half', { cpus: 0.5 });
    const { pid } = await begin(spec);
    assert.equal(cpuQuota(pid), 0.5);
    await engine.remove(spec.name, signal);
  });

  await t.test('an ordinary image runs unchanged: root within changes owners and users', async () => {
    const spec = specOf(fixture, 'ordinary');
    await begin(spec);
    const said = await sh(spec.name, 'touch /srv/file && chown 33:33 /srv/file && ls -ln /srv/file && su www-data -c "id -u"');
    assert.match(said.stdout, /33\s+33[\s\S]*\n33\n$/, said.stderr);
    await engine.remove(spec.name, signal);
  });

  await t.test('hardened: read-only root, no capability, memory to write to', async () => {
    const spec = specOf(fixture, 'hardened', { hardened: true });
    const { pid } = await begin(spec);
    assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), /^CapBnd:\t0000000000000000$/m);
    assert.notEqual((await sh(spec.name, 'touch /srv/file')).exitCode, 0);
    assert.equal((await sh(spec.name, 'touch /tmp/file /run/file /var/tmp/file')).exitCode, 0);
    assert.notEqual((await sh(spec.name, 'touch /tmp/other && chown 33:33 /tmp/other')).exitCode, 0);
    await engine.remove(spec.name, signal);
  });

  await t.test('the process limit holds', async () => {
    const spec = specOf(fixture, 'pids', { pids: 12 });
    await begin(spec);
    const { stderr } = await sh(spec.name, 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 3 & done; true');
    assert.match(stderr, /can't fork/);
    await engine.remove(spec.name, signal);
  });

  await t.test('started again it is reached at once by who had called it before: its hardware address stays', async () => {
    const spec = specOf(fixture, 'again');
    await begin(spec);
    const mac = async (): Promise<string | undefined> =>
      /ether (\S+)/.exec((await sh(spec.name, 'ifconfig eth0 | sed "s/HWaddr/ether/"')).stdout)?.[1]?.toLowerCase();
    const before = await mac();
    assert.match(before ?? '', /^02:42:0a:/);
    await engine.kill(spec.name, 'SIGKILL', signal);
    await poll(async () => ((await engine.inspect(spec.name, signal))?.state.kind === 'exited' ? true : undefined), {
      signal,
      what: 'its end',
    });
    await engine.start(spec.name, signal);
    assert.equal(await mac(), before);
    await engine.remove(spec.name, signal);
  });

  await t.test('an environment’s hosts, and not the machine’s, are in /etc/hosts', async () => {
    const spec = specOf(fixture, 'hosts', { hosts: { backend: '10.1.2.3' } });
    await begin(spec);
    assert.match((await sh(spec.name, 'cat /etc/hosts')).stdout, /^10\.1\.2\.3\s+backend$/m);
    await engine.remove(spec.name, signal);
  });

  await t.test('a volume is shared by two containers of one range, and outlives them', async () => {
    const volume = `${fixture.prefix}-shared`;
    await engine.ensureVolume(volume, signal);
    const volumes = [{ volume, path: '/data' }];
    const [older, newer] = [specOf(fixture, 'older', { volumes }), specOf(fixture, 'newer', { volumes, hardened: true })];
    await begin(older);
    assert.equal(
      (await sh(older.name, 'mkdir /data/private && echo kept > /data/private/file && chown 33:33 /data/private && ls -ln /data')).exitCode,
      0,
    );
    await begin(newer);
    assert.equal((await sh(newer.name, 'cat /data/private/file; echo more > /data/new')).stdout, 'kept\n');
    assert.equal((await sh(older.name, 'cat /data/new')).stdout, 'more\n');
    await engine.remove(older.name, signal);
    await engine.remove(newer.name, signal);
    assert.deepEqual(await engine.volumes(signal), [volume]);
    await engine.removeVolume(volume, signal);
  });

  await t.test('the planned address is its own through kill, start, stop, start; nothing is left behind', async () => {
    const spec = specOf(fixture, 'address', {
      command: ['/bin/sh', '-c', 'trap "exit 0" TERM; httpd -p 80 -h /etc; while :; do sleep 0.2; done'],
    });
    await begin(spec);
    const answers = async (): Promise<void> => {
      const { stdout } = await exec(
        ['curl', '-s', '-m', '5', '--retry', '20', '--retry-delay', '1', '--retry-connrefused', `http://${spec.address}/passwd`],
        { signal },
      );
      assert.match(stdout, /www-data/);
      assert.equal((await holders(spec.address)).length, 1, 'one namespace holds it');
    };
    await answers();
    for (const end of ['kill', 'stop', 'kill'] as const) {
      if (end === 'kill') await engine.kill(spec.name, 'SIGKILL', signal);
      else await engine.stop(spec.name, { graceMs: 5000, signal });
      await engine.start(spec.name, signal);
      await answers();
    }
    await engine.remove(spec.name, signal);
    assert.deepEqual(await holders(spec.address), []);
  });

  await t.test('what ended by itself leaves no namespace', async () => {
    const spec = specOf(fixture, 'ended', { does: 'crashes' });
    for (let times = 0; times < 3; times += 1) {
      await engine.create(spec, signal);
      await engine.start(spec.name, signal);
      await poll(async () => ((await engine.inspect(spec.name, signal))?.state.kind === 'exited' ? true : undefined), {
        signal,
        timeoutMs: 5000,
        what: 'its end',
      });
      await engine.start(spec.name, signal);
      await engine.remove(spec.name, signal);
    }
    await poll(async () => ((await holders(spec.address)).length === 0 ? true : undefined), {
      signal,
      timeoutMs: 3000,
      what: 'the namespace to go',
    });
  });

  await t.test('start removes a ghost that holds the address, and refuses where a process lives in it', async () => {
    const spec = specOf(fixture, 'haunted');
    const ghost = `antler-ghost-${fixture.instance}`;
    const haunt = async (): Promise<void> => {
      await exec(['ip', 'netns', 'add', ghost], { signal });
      await exec(['ip', '-n', ghost, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'eth1'], { signal });
      await exec(['ip', '-n', ghost, 'address', 'add', `${spec.address}/24`, 'dev', 'eth0'], { signal });
    };
    t.after(() => exec(['ip', 'netns', 'delete', ghost], { signal: AbortSignal.timeout(5000), accept: [1] }));
    await haunt();
    await begin(spec);
    assert.ok(!readdirSync('/run/netns').includes(ghost), 'the ghost is gone');
    await engine.stop(spec.name, { graceMs: 5000, signal });
    await haunt();
    const stay = new AbortController();
    const inhabitant = exec(['ip', 'netns', 'exec', ghost, 'sleep', '100'], { signal: stay.signal }).catch(() => undefined);
    await poll(async () => ((await exec(['ip', 'netns', 'pids', ghost], { signal })).stdout === '' ? undefined : true), {
      signal,
      timeoutMs: 5000,
      what: 'the inhabitant',
    });
    await assert.rejects(engine.start(spec.name, signal), (error) => hasCode(error, 'engines/ghost-address'));
    stay.abort();
    await inhabitant;
    await exec(['ip', 'netns', 'delete', ghost], { signal });
    await engine.start(spec.name, signal);
    await engine.remove(spec.name, signal);
  });

  await t.test('what was killed with its monitor is told as ended, and starts again', async () => {
    const spec = specOf(fixture, 'orphan');
    const { pid } = await begin(spec);
    const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
    assert.match(readFileSync(`/proc/${parent}/comm`, 'utf8'), /^conmon/);
    process.kill(parent, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    await poll(async () => ((await engine.inspect(spec.name, signal))?.state.kind === 'exited' ? true : undefined), {
      signal,
      timeoutMs: 5000,
      what: 'its end',
    });
    await engine.start(spec.name, signal);
    const state = (await engine.inspect(spec.name, signal))?.state;
    assert.ok(state?.kind === 'running' && state.pid !== pid);
    assert.equal((await holders(spec.address)).length, 1);
    await engine.remove(spec.name, signal);
    assert.deepEqual(await holders(spec.address), []);
  });

  await t.test('restarted by hand: heard, and its next end as well', async () => {
    const spec = specOf(fixture, 'by-hand', { does: 'stubborn' });
    await begin(spec);
    const until = new AbortController();
    using _ = { [Symbol.dispose]: () => until.abort() };
    const heard: number[] = [];
    const listening = (async () => {
      for await (const { exitCode } of engine.exits(until.signal)) heard.push(exitCode);
    })();
    await engine.list(signal);
    await exec(
      ['curl', '-s', '--unix-socket', fixture.socket, '-X', 'POST', `http://d/v4.0.0/libpod/containers/${spec.name}/restart?t=0`],
      { signal },
    );
    await poll(() => (heard.length === 1 ? true : undefined), { signal, timeoutMs: 5000, what: 'news of the first end' });
    await engine.kill(spec.name, 'SIGKILL', signal);
    await poll(() => (heard.length === 2 ? true : undefined), { signal, timeoutMs: 5000, what: 'news of the second end' });
    assert.deepEqual(heard, [137, 137]);
    await engine.remove(spec.name, signal);
    until.abort();
    await listening;
    assert.deepEqual(await holders(spec.address), []);
  });

  await t.test('an aborted exec ends the command, too', async () => {
    const spec = specOf(fixture, 'aborted');
    const { pid } = await begin(spec);
    const until = new AbortController();
    const running = run(engine, spec.name, { argv: ['sleep', '98765'], signal: until.signal });
    const children = (): readonly string[] =>
      readdirSync('/proc').filter((id) => {
        try {
          return (
            /^\d+$/.test(id) &&
            readFileSync(`/proc/${id}/cmdline`, 'utf8') === 'sleep\x0098765\0' &&
            readFileSync(`/proc/${id}/status`, 'utf8').includes('Uid:\t1000000')
          );
        } catch {
          return false;
        }
      });
    await poll(() => (children().length > 0 ? true : undefined), { signal, timeoutMs: 5000, what: 'the command' });
    until.abort();
    await assert.rejects(running);
    await poll(() => (children().length === 0 ? true : undefined), { signal, timeoutMs: 5000, what: 'the end of the command' });
    assert.ok(existsSync(`/proc/${pid}`));
    await engine.remove(spec.name, signal);
  });

  await t.test('a full log goes on in a new file', async () => {
    const script = 'yes 0123456789012345678901234567890123456789 | head -n 200000; echo the end; sleep 1000'; // 16 MB: more than one file holds
    const spec = specOf(fixture, 'chatty', { command: ['/bin/sh', '-c', script], cpus: 1 });
    await begin(spec);
    const others = new Set<string>();
    for await (const { text } of engine.logs(spec.name, { follow: true, signal })) {
      if (text === 'the end') break;
      others.add(text);
    }
    assert.deepEqual([...others], ['0123456789'.repeat(4)]);
    const [last] = await Array.fromAsync(engine.logs(spec.name, { follow: false, tail: 1, signal }));
    assert.equal(last?.text, 'the end');
    await engine.remove(spec.name, signal);
  });

  await t.test('the service is woken when it has ended', async () => {
    const before = fixture.wakes();
    await fixture.endService();
    assert.deepEqual(await engine.list(signal), []);
    assert.ok(fixture.wakes() > before);
  });
});
