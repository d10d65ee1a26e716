/** What every supervisor promises, on real processes. */

import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { applyHost, createSupervisor, planHost, readFacts, undoHost } from '../../../src/host/host.ts';
import type { SupervisorKind } from '../../../src/host/types.ts';
import { hasCode } from '../../../src/kit/errors.ts';
import { poll, sleep } from '../../../src/kit/wait.ts';
import { randomId, service, signal, testPlace } from './help.ts';

const NASTY = `a b 'c' "d" $HOME \${HOME} \`id\` $(id) \\ \\x41 % %n * ; rm -rf x \n # é`;
const PRINT = 'require("node:fs").writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env.WORD]))';

export function supervisorSuite(kind: SupervisorKind): void {
  test(`${kind}: applyHost() defines and starts services, in their order, with their words; the plan after it is empty`, async (t) => {
    const id = randomId();
    const names = [`antler-${id}-net`, `antler-${id}-main`, `antler-${id}-job`];
    const [net = '', main = '', job = ''] = names;
    const place = await testPlace(t, kind, names);
    const [out, ready, undone] = [join(place.home, 'out'), join(place.home, 'ready'), join(place.home, 'undone')];
    const wanted = [
      service(net, ['touch', ready], { mode: 'once', before: [['sleep', '0.5']], after: ['touch', undone] }),
      service(main, ['tail', '-f', out], {
        before: [
          ['test', '-e', ready],
          [process.execPath, '-e', PRINT, out, NASTY],
        ],
        env: { WORD: NASTY },
        afterServices: [net],
      }),
      service(job, ['sleep', '1000'], { mode: 'demand' }),
    ];
    const options = { signal, place };
    const changes = planHost(wanted, await readFacts(wanted, options));
    assert.deepEqual(
      changes.map(({ text }) => text),
      [`start ${net}`, `start ${main}`, `define ${job}`],
    );
    const records = await applyHost(changes, options);
    assert.deepEqual(planHost(wanted, await readFacts(wanted, options)), []);
    assert.deepEqual(JSON.parse(await readFile(out, 'utf8')), [[NASTY], NASTY]);

    const supervisor = createSupervisor(place);
    assert.equal((await supervisor.state(job, signal)).running, false);
    await supervisor.start(job, signal);
    assert.equal((await supervisor.state(job, signal)).running, true);
    await supervisor.stop(job, signal);
    assert.equal((await supervisor.state(job, signal)).running, false);

    const stopping = performance.now();
    await undoHost(records, options);
    t.diagnostic(`whole stop ${Math.round(performance.now() - stopping)} ms`);
    await stat(undone);
    const facts = await readFacts(wanted, options);
    for (const name of names) assert.deepEqual(facts.services[name], { files: {}, enabled: false, running: false });
  });

  test(`${kind}: a service on demand that has ended by itself stays down until it is asked for again`, async (t) => {
    const name = `antler-${randomId()}-job`;
    const place = await testPlace(t, kind, [name]);
    const wanted = [service(name, ['sleep', '1.5'], { mode: 'demand' })];
    const options = { signal, place };
    await applyHost(planHost(wanted, await readFacts(wanted, options)), options);
    const supervisor = createSupervisor(place);
    for (const _ of ['asked', 'asked again']) {
      await supervisor.start(name, signal);
      await sleep(3000, signal); // its end, and the second in which runsv holds back
      assert.equal((await supervisor.state(name, signal)).running, false);
    }
  });

  test(`${kind}: a service that is killed with -9 is back within a second`, async (t) => {
    const name = `antler-${randomId()}-main`;
    const place = await testPlace(t, kind, [name]);
    const wanted = [service(name, ['sleep', '1000'])];
    const options = { signal, place };
    await applyHost(planHost(wanted, await readFacts(wanted, options)), options);
    const supervisor = createSupervisor(place);
    await sleep(1200, signal); // runsv holds back what dies within its first second
    const { pid } = await supervisor.state(name, signal);
    assert.ok(pid !== undefined);
    const killed = performance.now();
    process.kill(pid, 'SIGKILL');
    const other = async (): Promise<true | undefined> => {
      const now = await supervisor.state(name, signal);
      return now.running && now.pid !== undefined && now.pid !== pid ? true : undefined;
    };
    await poll(other, { signal, everyMs: 10, timeoutMs: 5000, what: 'a new process' });
    const ms = Math.round(performance.now() - killed);
    t.diagnostic(`back ${ms} ms after kill -9`);
    assert.ok(ms < 5000, `${ms} ms`); // some 50 on a quiet machine
  });

  test(`${kind}: a changed definition restarts the service, with onChange keep it counts from the next start`, async (t) => {
    const id = randomId();
    const names = [`antler-${id}-restart`, `antler-${id}-keep`];
    const [restart = '', keep = ''] = names;
    const place = await testPlace(t, kind, names);
    const options = { signal, place };
    const wanted = (seconds: string) => [service(restart, ['sleep', seconds]), service(keep, ['sleep', seconds], { onChange: 'keep' })];
    const pids = async (): Promise<readonly (number | undefined)[]> =>
      Promise.all(names.map(async (name) => (await createSupervisor(place).state(name, signal)).pid));
    await applyHost(planHost(wanted('1001'), await readFacts(wanted('1001'), options)), options);
    const before = await pids();
    const changes = planHost(wanted('1002'), await readFacts(wanted('1002'), options));
    assert.deepEqual(
      changes.map(({ text, action }) => [text, action]),
      names.map((name) => [`redefine ${name}`, 'update']),
    );
    await applyHost(changes, options);
    assert.deepEqual(planHost(wanted('1002'), await readFacts(wanted('1002'), options)), []);
    const after = await pids();
    assert.notEqual(after[0], before[0]);
    assert.equal(after[1], before[1]);
  });

  test(`${kind}: reload runs the reload command with the process's id`, async (t) => {
    const name = `antler-${randomId()}-main`;
    const place = await testPlace(t, kind, [name]);
    const seen = join(place.home, 'seen');
    const wanted = [service(name, ['sleep', '1000'], { reload: ['sh', '-c', 'echo "$2" >"$1"', 'sh', seen, '$MAINPID'] })];
    await applyHost(planHost(wanted, await readFacts(wanted, { signal, place })), { signal, place });
    const supervisor = createSupervisor(place);
    const { pid } = await supervisor.state(name, signal);
    await supervisor.reload(name, signal);
    assert.equal(Number(await readFile(seen, 'utf8')), pid);
  });

  test(`${kind}: start() throws host/service-failed with the last lines of a service that dies at once`, async (t) => {
    const name = `antler-${randomId()}-bad`;
    const place = await testPlace(t, kind, [name]);
    const wanted = [service(name, ['sh', '-c', 'echo this is why; exit 3'])];
    const options = { signal, place };
    await assert.rejects(
      async () => applyHost(planHost(wanted, await readFacts(wanted, options)), options),
      (error: Error & { readonly lines: readonly string[] }) => {
        assert.ok(hasCode(error, 'host/service-failed'), String(error));
        assert.match(error.lines.join('\n'), /this is why/);
        return true;
      },
    );
  });
}
