/** The runit supervisor on real processes. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { test } from 'node:test';

import { applyHost, createSupervisor, planHost, readFacts, undoHost } from '../../../src/host/host.ts';
import { hasCode } from '../../../src/kit/errors.ts';
import { poll, sleep } from '../../../src/kit/wait.ts';
import { randomId, runitPlace, service, signal } from './help.ts';

const NASTY = `a b 'c' "d" $HOME \`id\` \\ % * \n; rm -rf x`;

test('applyHost() defines and starts runit services; the plan after it is empty', async (t) => {
  const id = randomId();
  const names = [`antler-${id}-net`, `antler-${id}-main`, `antler-${id}-job`];
  const [net = '', main = '', job = ''] = names;
  const place = await runitPlace(t, names);
  const out = join(place.home, 'out');
  const print = 'require("node:fs").writeFileSync(process.argv[1], JSON.stringify([process.argv.slice(2), process.env.WORD]))';
  const wanted = [
    service(net, ['true'], { mode: 'once', after: ['touch', join(place.home, 'undone')] }),
    service(main, ['tail', '-f', join(place.home, 'out')], {
      before: [[process.execPath, '-e', print, out, NASTY]],
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
  const first = await supervisor.state(main, signal);
  assert.ok(first.running && first.pid !== undefined);
  await sleep(1200, signal); // runsv holds back what dies within its first second
  process.kill(first.pid, 'SIGKILL');
  const killed = performance.now();
  await poll(async () => (((await supervisor.state(main, signal)).pid ?? first.pid) === first.pid ? undefined : true), {
    signal,
    everyMs: 10,
    timeoutMs: 3000,
    what: 'a new process',
  });
  t.diagnostic(`back ${Math.round(performance.now() - killed)} ms after kill -9`);
  assert.ok(performance.now() - killed < 500);

  assert.equal((await supervisor.state(job, signal)).running, false);
  await supervisor.start(job, signal);
  assert.equal((await supervisor.state(job, signal)).running, true);
  await supervisor.stop(job, signal);

  const stopping = performance.now();
  await undoHost(records, options);
  t.diagnostic(`whole stop ${Math.round(performance.now() - stopping)} ms`);
  await readFile(join(place.home, 'undone'));
  const facts = await readFacts(wanted, options);
  assert.deepEqual(facts.services[main], { files: {}, enabled: false, running: false });
});

test('createSupervisor().start() throws host/service-failed with the last lines of a service that dies at once', async (t) => {
  const name = `antler-${randomId()}-bad`;
  const place = await runitPlace(t, [name]);
  const wanted = [service(name, ['sh', '-c', 'echo this is why; exit 3'])];
  const options = { signal, place };
  await assert.rejects(
    async () => applyHost(planHost(wanted, await readFacts(wanted, options)), options),
    (error: Error & { lines: readonly string[] }) => {
      assert.ok(hasCode(error, 'host/service-failed'), String(error));
      assert.match(error.lines.join('\n'), /this is why/);
      return true;
    },
  );
});
