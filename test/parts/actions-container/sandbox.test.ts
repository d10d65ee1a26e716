/** A job's place on a real kernel: what it can do, what it cannot, and that nothing of it is left. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';

import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { follow, PATH, place, texts } from '../actions/place.ts';
import { openBench, PORT, reaches, run, signal } from './bench.ts';

test('container sandbox', async (t) => {
  const bench = await openBench(t);
  const { engine } = bench;
  const idBase = async (name: string): Promise<number> => (await engine.place(name, signal)).idBase ?? 0;
  const jobs = async (): Promise<number> => (await engine.list(signal)).length;
  const settled = (): Promise<true> =>
    poll(async () => ((await jobs()) === 0 && (await readdir(bench.folder)).length === 0 ? true : undefined), {
      signal,
      timeoutMs: 20_000,
      what: 'the removal of all jobs',
    });

  await t.test('a step has its folders, environment and program; what it writes is ours to read and to remove', async () => {
    {
      await using sandbox = await bench.open({ container: { image: 'any', env: () => ({ FROM_WORKFLOW: 'yes' }) } });
      const file = sandbox.toHost(`${sandbox.paths.runner}/1`);
      await mkdir(file);
      await writeFile(join(file, 'env'), '');
      await sandbox.handOver(file, signal);
      const script = `id -u; pwd; echo "$FROM_WORKFLOW $HOME"; antler; cat $APT_CONFIG; touch $HOME/a ${sandbox.paths.temp}/a ${sandbox.paths.toolCache}/a
        echo A=b >> ${sandbox.paths.runner}/1/env; echo err >&2; echo out; mkdir -p deep/er; echo text > deep/er/file; chmod 0 deep; exit 3`;
      assert.deepEqual(await run(sandbox, script), {
        exitCode: 3,
        reason: 'done',
        text: '0\n/workspace\nyes /runner/home\nthe program\nreached\nerr\nout\n',
      });
      assert.equal(await readFile(join(file, 'env'), 'utf8'), 'A=b\n');
      assert.equal(await readFile(join(sandbox.toHost('/workspace'), 'deep/er/file'), 'utf8'), 'text\n');
      assert.equal((await stat(join(sandbox.toHost('/workspace'), 'deep/er/file'))).uid, await idBase(sandbox.name));
      const swap = await run(
        sandbox,
        `mv ${sandbox.paths.runner}/1 ${sandbox.paths.runner}/2; rm -rf ${sandbox.paths.runner}; echo no > /opt/antler/x`,
      );
      assert.match(swap.text, /can't rename[\s\S]*can't (?:remove|create)/, 'the folder of our files stays as it is');
      assert.deepEqual(await readdir(sandbox.toHost(sandbox.paths.runner)), ['1']);
    }
    await settled();
  });

  await t.test('a label that nobody serves is said, and nothing is made', async () => {
    await assert.rejects(bench.open({ labels: ['windows-latest'] }), { code: 'actions/no-runner' });
    assert.equal(await jobs(), 0);
  });

  await t.test(
    'two jobs have ids of their own; neither they nor anything of ours can be reached, but for the entry that was opened',
    async () => {
      const socket = join(dirname(bench.folder), 'run.sock');
      const server = createServer((connection) => void connection.end('hello'));
      server.listen(socket);
      await once(server, 'listening');
      await chmod(socket, 0o600);
      {
        await using one = await bench.open({ environment: 'dev', socket });
        await using other = await bench.open();
        const [a, b] = [await idBase(one.name), await idBase(other.name)];
        assert.ok(Math.abs(a - b) >= 65_536 && a > 65_536 && b > 65_536, `${a} and ${b}`);
        const address = (await engine.inspect(other.name, signal))?.address ?? '';
        await run(other, 'httpd -p 80 -h /etc');
        const closed = [
          [`http://${bench.stg}:${PORT}/`, 'another environment’s entry'],
          [`http://${bench.gateway}:${bench.hostPort}/`, 'a port of the machine'],
          [`http://127.0.0.1:${bench.hostPort}/`, 'the loopback interface, where the registry is'],
          [`http://${address}/passwd`, 'another job'],
          ['http://169.254.169.254/', 'the machine’s metadata'],
        ] as const;
        for (const [url, what] of closed) assert.equal(await reaches(engine, one, url), false, what);
        assert.equal(await reaches(engine, one, `http://${bench.dev}:${PORT}/`), true, 'its environment’s entry');
        assert.equal(await reaches(engine, other, `http://${bench.dev}:${PORT}/`), false, 'the entry of a job that named no environment');
        await bench.entries.restore(signal);
        assert.equal(await reaches(engine, one, `http://${bench.dev}:${PORT}/`), true, 'still, after the table was made anew');
        const looks = `ls /run /var /proc/1/root; cat /proc/mounts`;
        const seen = await run(one, looks);
        assert.doesNotMatch(seen.text, /podman\.sock|engine\.sock|platform\.db/);
        const [mine, theirs] = [
          await run(one, 'stat -c %u $ANTLER_SOCKET; echo $ANTLER_SOCKET'),
          await run(other, 'echo "<$ANTLER_SOCKET>"; ls /run/antler.sock'),
        ];
        assert.equal(mine.text, '0\n/run/antler.sock\n');
        assert.match(theirs.text, /^<>\n[\s\S]*No such file/);
        // as root there is: their files are nobody's
        assert.match(
          (await run(one, 'chown 0 /opt/antler/antler; echo x > /dev/antler/apt.conf; mount -t tmpfs x /mnt; cat /proc/1/mem')).text,
          /chown[\s\S]*Read-only/,
        );
      }
      server.close();
      await settled();
      assert.equal(await exists(bench.dev), false, 'closed again');
    },
  );

  await t.test('two runs: each job has its own run’s socket, sees no other, and may not speak to it', async () => {
    const sockets = ['one', 'other'].map((word) => {
      const path = join(dirname(bench.folder), `${word}.sock`);
      const server = createServer((connection) => void connection.end(word));
      server.listen(path);
      t.after(() => server.close());
      return { path, server };
    });
    await Promise.all(sockets.map(async ({ server }) => once(server, 'listening')));
    {
      await using one = await bench.open({ socket: sockets[0]?.path ?? '' });
      await using other = await bench.open({ socket: sockets[1]?.path ?? '' });
      for (const [sandbox, word] of [
        [one, 'one'],
        [other, 'other'],
      ] as const) {
        const state = (await engine.inspect(sandbox.name, signal))?.state;
        assert.ok(state?.kind === 'running');
        assert.equal(await text(connect(`/proc/${state.pid}/root/run/antler.sock`)), word);
        assert.equal((await run(sandbox, `find / -path /proc -prune -o -type s -print 2>&1`)).text, '/run/antler.sock\n');
      }
      // Whatever way its file came there: it is the other job's root that may open it.
      await chmod(dirname(bench.folder), 0o711);
      const id = String(await idBase(other.name));
      const as = ['setpriv', `--reuid=${id}`, `--regid=${id}`, '--clear-groups', 'test', '-w'] as const;
      const mayWrite = async (path: string): Promise<boolean> => (await exec([...as, path], { signal, accept: [1] })).exitCode === 0;
      assert.deepEqual(await Promise.all(sockets.map(async ({ path }) => mayWrite(path))), [false, true]);
    }
    await settled();
  });

  await t.test('a fork bomb ends at the limit, is killed when it is cancelled, and the next step runs', async () => {
    await using sandbox = await bench.open();
    const until = new AbortController();
    const before = performance.now();
    setTimeout(() => until.abort(), 1500);
    const bomb = await run(sandbox, 'trap "" INT TERM; b() { b | b & }; b & while :; do :; done', until.signal);
    assert.equal(bomb.reason, 'canceled');
    assert.ok(performance.now() - before < 30_000);
    await poll(async () => ((await run(sandbox, 'echo fine')).text === 'fine\n' ? true : undefined), {
      signal,
      timeoutMs: 20_000,
      what: 'room',
    });
  });

  await t.test('a step that eats all memory is told as oom; the job goes on', async () => {
    await using sandbox = await bench.open();
    const eaten = await run(sandbox, 'tail /dev/zero; exit $?');
    assert.equal(eaten.reason, 'oom', JSON.stringify(eaten));
    assert.notEqual(eaten.exitCode, 0);
    assert.deepEqual(await run(sandbox, 'exit 137'), { exitCode: 137, reason: 'done', text: '' });
  });

  await t.test(
    'a run says in words that a step was killed for its memory: in the log, and as the job’s reason where that failed it',
    async () => {
      await using it = await place({
        openJob: async ({ request }) => bench.open({ ...request, container: { image: 'any', env: () => ({}) } }),
      });
      const eats = { run: 'tail /dev/zero', shell: 'sh {0}', name: 'Eat' };
      const steps = {
        fails: [eats],
        recovers: [
          { ...eats, 'continue-on-error': true },
          { run: 'exit 3', shell: 'sh {0}' },
        ],
      };
      const jobs = Object.entries(steps).map(([id, all]) => [id, { 'runs-on': 'ubuntu-latest', steps: all }]);
      await it.push('eats', { [PATH]: JSON.stringify({ on: 'push', jobs: Object.fromEntries(jobs) }) });
      const errors = (await follow(it.runs, 1)).flatMap((event) =>
        event.kind === 'line' && event.type === 'error' ? [`${event.job} ${event.text}`] : [],
      );
      const killed = 'The kernel killed a process of this step as the job had taken all 96 MB of memory that a job may use.';
      const ended = 'Process completed with exit code';
      assert.deepEqual(errors.toSorted(), [
        `fails ${ended} 137.`,
        `fails ${killed}`,
        `recovers ${ended} 137.`,
        `recovers ${ended} 3.`,
        `recovers ${killed}`,
      ]);
      assert.deepEqual(
        it.runs.get(1).jobs.map(({ key, conclusion, reason }) => [key, conclusion, reason]),
        [
          ['fails', 'failure', 'Eat: killed as the job had taken all 96 MB of memory that a job may use'],
          ['recovers', 'failure', null],
        ],
      );
    },
  );

  await t.test(
    'jobs.<id>.container, jobs.<id>.container.image, jobs.<id>.container.env: from the file to a container, secrets in its env',
    async () => {
      await using it = await place({ openJob: async ({ request }) => bench.open(request) });
      await it.push('container', {
        [PATH]: `
on: push
env: { LAYER: workflow }
jobs:
  plain:
    runs-on: ubuntu-latest
    container: plain:1
    steps: [{ run: 'echo "<$LAYER>"', shell: 'sh {0}' }]
  mapping:
    needs: plain
    runs-on: ubuntu-latest
    env: { WORD: "job \${{ github.job }}" }
    container:
      image: of/\${{ github.ref_name }}:1
      env:
        TEXT: it's "text"
        SECRET: \${{ secrets.TOKEN }}
        LAYERS: \${{ env.LAYER }} \${{ env.WORD }}
        RUNNER: \${{ runner.os }} \${{ runner.arch }} \${{ runner.temp }} \${{ runner.name }}
    steps:
      - shell: sh {0}
        run: |
          echo "$TEXT; secret $SECRET; $LAYERS"
          test "$SECRET" = s3cret"-"value && echo 'it is the secret'
          test "$RUNNER" = "$RUNNER_OS $RUNNER_ARCH $RUNNER_TEMP $RUNNER_NAME" && echo 'it is the runner'
  unknown:
    runs-on: ubuntu-latest
    container: { image: x, env: { A: "\${{ fromJSON(secrets.TOKEN) }}" } }
    steps: [{ run: echo never, shell: 'sh {0}' }]
`,
      });
      const said = texts(await follow(it.runs, 1)).join('\n');
      const conclusions = it.runs.get(1).jobs.map(({ key, conclusion }) => `${key} ${conclusion}`);
      assert.deepEqual(conclusions, ['plain success', 'mapping success', 'unknown failure'], said);
      for (const line of ['<workflow>', `it's "text"; secret ***; workflow job mapping`, 'it is the secret', 'it is the runner'])
        assert.ok(said.split('\n').includes(line), `${line} in\n${said}`);
      assert.doesNotMatch(said, /s3cret-value|^never$/m);
      assert.deepEqual(bench.provided.slice(-3).toSorted(), ['of/main:1', 'plain:1', 'x']);
      await settled();
    },
  );

  await t.test('a cancelled step is asked first; what it started goes with it; before its start nothing is run', async () => {
    await using sandbox = await bench.open();
    const cancel = async (script: string): Promise<Awaited<ReturnType<typeof run>>> => {
      const until = new AbortController();
      setTimeout(() => until.abort(), 800);
      return run(sandbox, script, until.signal);
    };
    const polite = await cancel('trap "echo asked; exit 9" INT; sleep 1001 & sleep 1002; wait');
    assert.deepEqual([polite.exitCode, polite.reason, polite.text], [9, 'canceled', 'asked\n']);
    const deaf = await cancel('trap "" INT TERM; setsid sleep 1003 & while :; do sleep 1004; done');
    assert.deepEqual([deaf.exitCode, deaf.reason], [137, 'canceled']);
    assert.doesNotMatch((await run(sandbox, 'ps')).text, /sleep 100[34]/);
    assert.equal((await run(sandbox, 'echo never', AbortSignal.abort())).text, '');
  });

  await t.test('removeAll takes the containers and files of a daemon that was killed, and no others', async () => {
    await settled();
    const left = await bench.open();
    await run(left, 'echo there > file');
    assert.equal(await jobs(), 1);
    await bench.sandboxes.removeAll(signal);
    assert.equal(await jobs(), 0);
    assert.deepEqual(await readdir(bench.folder), []);
    await left[Symbol.asyncDispose](); // its owner, had it lived
  });

  await t.test('ten steps are soon done', async () => {
    const before = performance.now();
    const marks: number[] = [];
    {
      await using sandbox = await bench.open();
      marks.push(performance.now() - before);
      for (let step = 0; step < 10; step += 1) {
        assert.equal((await run(sandbox, `echo ${step}`)).text, `${step}\n`);
      }
      marks.push(performance.now() - before);
    }
    marks.push(performance.now() - before);
    t.diagnostic(`opened, ten steps, closed: ${marks.map((mark) => Math.round(mark)).join(', ')} ms`);
    assert.ok((marks[2] ?? 0) < 15_000);
    await delay(0);
  });

  async function exists(address: string): Promise<boolean> {
    await using sandbox = await bench.open();
    return reaches(engine, sandbox, `http://${address}:${PORT}/`);
  }
});
