/** What every engine promises, as tests: one suite, run on each implementation. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { LABELS } from '../../src/engines/engines.ts';
import type { Container, ContainerSpec, Exit } from '../../src/engines/types.ts';
import { hasCode } from '../../src/kit/errors.ts';
import { poll } from '../../src/kit/wait.ts';
import { all, pieces, run, spawned, specOf, take, WORDS, type BehaviourName, type EngineFixture } from './engine-fixture.ts';

/** Every test of the suite; `open` gives one fixture for all of them. */
export function engineConformance(title: string, open: (t: TestContext) => Promise<EngineFixture>): void {
  test(`${title}: fulfils the engine's promises`, async (t) => {
    const fixture = await open(t);
    const { engine, instance, neighbour } = fixture;
    const signal = AbortSignal.timeout(240_000);
    await engine.ensureNetwork({ name: fixture.network, subnet: `${fixture.net}.0/24` }, signal);

    const begin = async (spec: ContainerSpec): Promise<void> => {
      await engine.create(spec, signal);
      await engine.start(spec.name, signal);
    };
    const find = async (name: string): Promise<Container> => {
      const found = await engine.inspect(name, signal);
      assert.ok(found, `${name} is there`);
      return found;
    };
    const ended = (name: string): Promise<Extract<Container['state'], { kind: 'exited' }>> =>
      poll(
        async () => {
          const { state } = await find(name);
          return state.kind === 'exited' ? state : undefined;
        },
        { signal, timeoutMs: 15_000, what: `the end of ${name}` },
      );

    await t.test('create makes, does not start; list and inspect tell labels, image and address', async () => {
      const spec = specOf(fixture, 'made');
      const id = await engine.create(spec, signal);
      const found = await find(spec.name);
      assert.equal(found.id, id);
      assert.equal(found.state.kind, 'created');
      assert.equal(found.address, spec.address);
      assert.equal(found.image, spec.image);
      assert.equal(found.labels[LABELS.instance], instance);
      assert.equal(found.labels[LABELS.service], 'made');
      assert.deepEqual(
        (await engine.list(signal)).map(({ name }) => name),
        [spec.name],
      );
      await engine.remove(spec.name, signal);
    });

    await t.test('create refuses a name that is taken', async () => {
      const spec = specOf(fixture, 'twice');
      await engine.create(spec, signal);
      await assert.rejects(engine.create(spec, signal), (error) => hasCode(error, 'engines/refused'));
      await engine.remove(spec.name, signal);
    });

    await t.test('start of what is not there throws engines/not-found', async () => {
      await assert.rejects(engine.start(`${fixture.prefix}-absent`, signal), (error) => hasCode(error, 'engines/not-found'));
      assert.equal(await engine.inspect(`${fixture.prefix}-absent`, signal), undefined);
    });

    await t.test('start runs it; a second start is fine; stop ends it with its own code; start runs it again', async () => {
      const spec = specOf(fixture, 'life');
      await begin(spec);
      const { state } = await find(spec.name);
      assert.equal(state.kind, 'running');
      await engine.start(spec.name, signal);
      await engine.stop(spec.name, { graceMs: 10_000, signal });
      const { exitCode, reason } = await ended(spec.name);
      assert.deepEqual({ exitCode, reason }, { exitCode: 0, reason: 'done' });
      await engine.stop(spec.name, { graceMs: 1000, signal });
      await engine.start(spec.name, signal);
      assert.equal((await find(spec.name)).state.kind, 'running');
      await engine.remove(spec.name, signal);
    });

    await t.test('stop kills what does not listen to SIGTERM after the grace, and says so', async () => {
      const spec = specOf(fixture, 'stubborn', { does: 'stubborn' });
      await begin(spec);
      const before = performance.now();
      await engine.stop(spec.name, { graceMs: fixture.graceMs, signal });
      assert.ok(performance.now() - before >= fixture.graceMs * 0.9, 'the grace was kept');
      const { exitCode, reason } = await ended(spec.name);
      assert.deepEqual({ exitCode, reason }, { exitCode: 137, reason: 'killed' });
      await engine.remove(spec.name, signal);
    });

    await t.test('list tells why it ended: done, crash, oom, killed', async () => {
      const ends = { done: ['done', 0, 'done'], crashes: ['crashes', 3, 'crash'], greedy: ['greedy', 137, 'oom'] } as const;
      for (const [does, code, reason] of Object.values(ends)) {
        const spec = specOf(fixture, `ends-${does}`, { does });
        await begin(spec);
        const state = await ended(spec.name);
        assert.deepEqual([state.exitCode, state.reason], [code, reason], does);
        assert.ok(Math.abs(state.at - Date.now()) < 20_000, 'the time of its end');
        await engine.remove(spec.name, signal);
      }
    });

    await t.test('exits tells everybody who listens every end as it happens, with its reason', async () => {
      const until = new AbortController();
      const [heard, beside]: [{ readonly exit: Exit; readonly at: number }[], unknown[]] = [[], []];
      using _ = { [Symbol.dispose]: () => until.abort() };
      const listening = [heard, beside].map(async (into) => {
        for await (const exit of engine.exits(until.signal)) into.push({ exit, at: Date.now() });
      });
      const spec = (does: BehaviourName): ContainerSpec => specOf(fixture, `heard-${does}`, { does });
      const hear = (does: BehaviourName): Promise<{ readonly exit: Exit; readonly at: number }> =>
        poll(() => heard.find(({ exit }) => exit.name === spec(does).name), { signal, timeoutMs: 15_000, what: `news of ${does}` });
      for (const [does, reason] of [
        ['crashes', 'crash'],
        ['greedy', 'oom'],
        ['done', 'done'],
      ] as const) {
        await begin(spec(does));
        const { exit, at } = await hear(does);
        assert.equal(exit.reason, reason, does);
        // Milliseconds on a quiet machine; what is proved is that nobody had to ask.
        assert.ok(at - exit.at < 10_000, `${does}: heard after ${at - exit.at} ms`);
      }
      await begin(spec('stubborn'));
      await engine.kill(spec('stubborn').name, 'SIGKILL', signal);
      const { exit } = await hear('stubborn');
      assert.deepEqual([exit.exitCode, exit.reason], [137, 'killed']);
      await engine.start(spec('stubborn').name, signal);
      await engine.kill(spec('stubborn').name, 'SIGKILL', signal);
      await poll(() => (heard.filter((news) => news.exit.name === spec('stubborn').name).length === 2 ? true : undefined), {
        signal,
        timeoutMs: 5000,
        what: 'the second end of the same container',
      });
      assert.deepEqual([heard.length, beside.length], [5, 5], `each end is told once: ${JSON.stringify(heard)}`);
      until.abort();
      await Promise.all(listening);
      for (const does of ['crashes', 'greedy', 'done', 'stubborn'] as const) await engine.remove(spec(does).name, signal);
    });

    await t.test('remove takes what runs, at once; what is absent is fine', async () => {
      const spec = specOf(fixture, 'gone', { does: 'stubborn' });
      await begin(spec);
      const before = performance.now();
      await engine.remove(spec.name, signal);
      assert.ok(performance.now() - before < 5000, 'no grace');
      assert.equal(await engine.inspect(spec.name, signal), undefined);
      await engine.remove(spec.name, signal);
    });

    await t.test('remove right after a kill works', async () => {
      const spec = specOf(fixture, 'killed');
      await begin(spec);
      await engine.kill(spec.name, 'SIGKILL', signal);
      await engine.remove(spec.name, signal);
      assert.equal(await engine.inspect(spec.name, signal), undefined);
    });

    await t.test('logs tells lines of both streams in their order, the last ones, and what comes', async () => {
      const spec = specOf(fixture, 'prints', { does: 'prints' });
      await begin(spec);
      const lines = await take(engine.logs(spec.name, { follow: true, signal }), 3);
      assert.deepEqual(
        lines.map(({ stream, text }) => `${stream} ${text}`),
        ['stdout out 1', 'stderr err 2', 'stdout out 3'],
      );
      assert.ok(Math.abs((lines[0]?.at ?? 0) - Date.now()) < 20_000, 'the time of the line');
      assert.deepEqual(
        (await all(engine.logs(spec.name, { follow: false, tail: 1, signal }))).map(({ text }) => text),
        ['out 3'],
      );
      const until = new AbortController();
      let followed = 0; // at the third it soon waits for more
      for await (const _line of engine.logs(spec.name, { follow: true, signal: until.signal }))
        if (++followed === 3) setTimeout(() => until.abort(), 100);
      assert.equal(followed, 3, 'an abort ends it');
      await engine.remove(spec.name, signal);
    });

    await t.test('exec tells output and exit code, and hands input in', async () => {
      const spec = specOf(fixture, 'exec');
      await begin(spec);
      const codes = [['true'], ['false'], ['sh', '-c', 'exit 7']];
      for (const [argv, wanted] of codes.map((command, index) => [command, [0, 1, 7][index]] as const)) {
        assert.equal((await run(engine, spec.name, { argv, signal })).exitCode, wanted, argv.join(' '));
      }
      const echoed = await run(engine, spec.name, { argv: ['cat'], stdin: pieces('one\n', 'two\n'), signal });
      assert.deepEqual(echoed, { stdout: 'one\ntwo\n', stderr: '', exitCode: 0 });
      await engine.stop(spec.name, { graceMs: 5000, signal });
      await assert.rejects(run(engine, spec.name, { argv: ['true'], signal }), (error) => hasCode(error, 'engines/exec-failed'));
      await engine.remove(spec.name, signal);
      await assert.rejects(run(engine, spec.name, { argv: ['true'], signal }), (error) => hasCode(error, 'engines/not-found'));
    });

    await t.test('spawn runs a command with its own environment and folder, and ends when it does', async () => {
      const spec = specOf(fixture, 'spawn');
      await begin(spec);
      const say = (...argv: [string, ...string[]]): ReturnType<typeof spawned> => spawned(engine, spec.name, { argv, signal });
      const { stdout, stderr, exitCode } = await say('env');
      assert.ok(stdout.split('\n').includes(`WORDS=${WORDS}`), stdout);
      assert.doesNotMatch(stdout, /^ANTLER_APP=/m, 'the container’s own environment plays no part');
      assert.deepEqual([stderr, exitCode], ['', 0]);
      assert.equal((await say('pwd')).stdout, '/tmp\n');
      assert.equal((await say('sh', '-c', 'exit 7')).exitCode, 7);
      const absent = await say('no-such-program');
      assert.ok(absent.exitCode === 127 && /no-such-program/.test(absent.stderr));
      await engine.stop(spec.name, { graceMs: 5000, signal });
      await assert.rejects(say('true'), (error) => hasCode(error, 'engines/exec-failed'));
      await engine.remove(spec.name, signal);
      await assert.rejects(say('true'), (error) => hasCode(error, 'engines/not-found'));
    });

    await t.test('spawn: what runs is told to end, and killed with all that it started', async () => {
      const spec = specOf(fixture, 'spawn-end');
      await begin(spec);
      const options = { argv: ['sleep', '1000'], env: { PATH: '/bin' }, cwd: '/', onOutput: () => undefined, signal } as const;
      const [told, killed, orphaned] = [
        await engine.spawn(spec.name, options),
        await engine.spawn(spec.name, options),
        await engine.spawn(spec.name, options),
      ];
      told.kill('SIGTERM');
      assert.equal(await told.exit, 143);
      told.kill('SIGKILL'); // it is gone: fine
      await killed.killTree();
      assert.equal(await killed.exit, 137);
      await engine.remove(spec.name, signal);
      assert.equal(await orphaned.exit, 137, 'the container’s end is its own');
    });

    await t.test('place tells the environment, and the range of ids that was asked for; of `auto` each container has another', async () => {
      const { idBase: _, ...auto } = specOf(fixture, 'auto', { userns: 'auto' });
      const { idBase: __, ...other } = specOf(fixture, 'auto-other', { userns: 'auto' });
      const fixed = specOf(fixture, 'fixed');
      for (const spec of [auto, other, fixed]) await engine.create(spec, signal);
      const places = await Promise.all([auto, other, fixed].map(({ name }) => engine.place(name, signal)));
      const bases = places.map(({ idBase }) => idBase);
      assert.equal(places[2]?.env['ANTLER_APP'], 'conformance');
      assert.equal(bases[2], fixed.idBase);
      assert.ok(Math.abs((bases[0] ?? 0) - (bases[1] ?? 0)) >= 65_536, `${bases[0]} and ${bases[1]}`);
      for (const { name } of [auto, other, fixed]) await engine.remove(name, signal);
    });

    await t.test('memory tells use and limit while it runs, undefined after', async () => {
      const spec = specOf(fixture, 'memory');
      await begin(spec);
      const use = await engine.memory(spec.name, signal);
      assert.equal(use?.limit, spec.memory);
      assert.ok((use?.bytes ?? 0) > 0);
      await engine.stop(spec.name, { graceMs: 5000, signal });
      assert.equal(await engine.memory(spec.name, signal), undefined);
      await engine.remove(spec.name, signal);
    });

    await t.test('list tells own containers only', async () => {
      const spec = specOf(fixture, 'mine');
      await begin(spec);
      assert.deepEqual(await neighbour.list(signal), []);
      assert.equal(await neighbour.inspect(spec.name, signal), undefined);
      assert.deepEqual(await neighbour.networks(signal), []);
      await engine.remove(spec.name, signal);
    });

    await t.test('ensureNetwork is quiet the second time, also at the same moment, and makes anew what has another subnet', async () => {
      const network = { name: `${fixture.network}-b`, subnet: `${fixture.net}.0/25` };
      const other = { name: network.name, subnet: `${fixture.net.replace(/\d+$/, (last) => String(Number(last) + 1))}.0/24` };
      // as the daemon that starts and the command that configures it do
      await Promise.all([engine.ensureNetwork(other, signal), engine.ensureNetwork(other, signal)]);
      await engine.ensureNetwork(other, signal);
      const moved = { ...other, subnet: other.subnet.replace('.0/24', '.0/25') };
      await engine.ensureNetwork(moved, signal);
      assert.ok((await engine.networks(signal)).some(({ name, subnet }) => name === moved.name && subnet === moved.subnet));
      await engine.removeNetwork(moved.name, signal);
      await engine.removeNetwork(moved.name, signal);
      assert.ok(!(await engine.networks(signal)).some(({ name }) => name === moved.name));
    });

    await t.test('volumes are made once, listed, removed', async () => {
      const name = `${fixture.prefix}-data`;
      await engine.ensureVolume(name, signal);
      await engine.ensureVolume(name, signal);
      assert.deepEqual(await engine.volumes(signal), [name]);
      assert.deepEqual(await neighbour.volumes(signal), []);
      await engine.removeVolume(name, signal);
      await engine.removeVolume(name, signal);
      assert.deepEqual(await engine.volumes(signal), []);
    });

    await t.test('images: there or not; what cannot be pulled throws engines/pull-failed', async () => {
      assert.equal(await engine.hasImage(fixture.behave('sleeps').image, signal), true);
      await engine.pull(fixture.behave('sleeps').image, signal);
      const absent = `127.0.0.1:9/absent@sha256:${'0'.repeat(64)}`;
      assert.equal(await engine.hasImage(absent, signal), false);
      await assert.rejects(engine.pull(absent, signal), (error) => hasCode(error, 'engines/pull-failed'));
      await engine.removeImage(absent, signal);
    });
  });
}
