/** A real Podman whose socket is taken away under keeper and monitor: the engine is down, what it runs is not, and all is made good when it is back. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { heard } from '../../../src/daemon/watch.ts';
import { createKeeper, LABELS } from '../../../src/engines/engines.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { poll } from '../../../src/kit/wait.ts';
import type { Monitor, MonitorOptions, Wanted } from '../../../src/monitor/monitor.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { openPodman, type PodmanFixture } from '../engines/fixture.ts';
import { scene } from './fixture.ts';
import { listen } from './people.ts';

const signal = AbortSignal.timeout(120_000);
/** It answers at its own address, and ends when it is told to. */
const SERVES = ['/bin/sh', '-c', 'trap "exit 0" TERM; httpd -p 80 -h /etc; while :; do sleep 0.2; done'];
const PLACE = { port: 80, path: '/passwd', timeoutMs: 1000 };

test('monitor: an engine taken away for real is one incident; nothing that it runs turns down for it; what dies meanwhile is seen, and started when it is back', async (t) => {
  const podman = await openPodman(t);
  const pids = await begin(podman, ['calm', 'killed']);
  const { monitor, keeper, stop } = watch(t, podman);
  const people = await listen(t);
  const until = async (what: string, look: () => boolean): Promise<void> => {
    const seeing = async () => {
      await people.see(monitor);
      return look() ? true : undefined;
    };
    await poll(seeing, { signal, everyMs: 100, timeoutMs: 30_000, what });
  };
  const engine = () => monitor.seen().parts.find(({ part }) => part === 'engine')?.verdict;
  const service = (name: string) => monitor.seen().services.find((each) => each.service === name);
  await monitor.checkNow(signal); // not each in its turn
  await until('all to be well', () => engine() === 'up' && service('calm')?.verdict === 'up' && service('killed')?.verdict === 'up');

  await podman.takeAway();
  process.kill(pids.get('killed') ?? assert.fail(), 'SIGKILL');
  await until('its end to be seen', () => service('killed')?.verdict === 'degraded' || service('killed')?.verdict === 'down');
  assert.match(service('killed')?.reason ?? '', /restarting, last ended with 137 \(killed\)/);
  await until('the engine to be called down', () => engine() === 'down');
  await until('the service to be called down', () => service('killed')?.verdict === 'down');
  await until('the alert', () => people.told.length > 0);
  const late = scene(t, wantedOf(podman), { containers: async (asking) => podman.engine.list(asking) });
  await late.look(3); // a daemon that starts now
  const containers = late.monitor.targets().filter(({ target }) => target.probe.kind === 'container');
  assert.deepEqual(
    containers.map(({ verdict }) => verdict),
    ['unknown', 'unknown'],
  );
  assert.equal(late.monitor.seen().services.find((each) => each.service === 'calm')?.verdict, 'up', 'it answers');

  podman.giveBack();
  await until('all to be well again', () => engine() === 'up' && service('killed')?.verdict === 'up');
  await until('the news of it', () => people.told.length > 1);
  assert.deepEqual(
    people.told.map(({ state, title }) => `${state} ${title}`),
    ['open The engine is down', 'closed Well again: The engine is down'],
  );
  assert.deepEqual(
    [...people.store.rows.values()].map(({ subjects }) => subjects.toSorted()),
    [['engine', 'prod/killed']],
  );
  assert.ok(!monitor.turned.includes('calm'), 'it was up all the time');
  assert.equal(keeper.verdict(`${podman.prefix}-killed`).kind, 'running');
  await stop();
});

interface Watched {
  readonly monitor: Monitor & { readonly turned: readonly string[] };
  readonly keeper: ReturnType<typeof createKeeper>;
  readonly stop: () => Promise<void>;
}

/** As the daemon wires them. */
function watch(t: TestContext, podman: PodmanFixture): Watched {
  const over = new AbortController();
  const turned: string[] = [];
  const engine = heard(podman.engine, (answer) => monitor.engineWas(answer));
  const keeper = createKeeper({
    engine,
    clock: systemClock,
    wantedRunning: () => true,
    recreate: async () => assert.fail('nothing was removed'),
    onVerdict: (container) => monitor.poke(container),
  });
  const kept: MonitorOptions['keeper'] = (name) => {
    const { kind, lastExit } = keeper.verdict(name);
    if (lastExit === undefined) return { kind, detail: kind };
    return { kind, detail: `${kind}, last ended with ${lastExit.exitCode} (${lastExit.reason})`, end: lastExit };
  };
  const { monitor } = scene(t, wantedOf(podman), {
    keeper: kept,
    containers: async (asking) => engine.list(asking),
    onTransition: ({ service, from }) => void (from === 'unknown' ? undefined : turned.push(service)),
    signal: over.signal,
  });
  const running = Promise.all([monitor.run(), keeper.run(over.signal)]);
  const stop = async (): Promise<void> => {
    over.abort();
    await running;
  };
  t.after(stop);
  return { monitor: { ...monitor, turned }, keeper, stop };
}

async function begin(podman: PodmanFixture, names: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const { engine } = podman;
  await engine.ensureNetwork({ name: podman.network, subnet: `${podman.net}.0/24` }, signal);
  const pids = names.map(async (name): Promise<readonly [string, number]> => {
    const spec = specOf(podman, name, { command: SERVES });
    await engine.create({ ...spec, image: podman.pinned, labels: { ...spec.labels, [LABELS.release]: 'r1' } }, signal);
    await engine.start(spec.name, signal);
    const state = (await engine.inspect(spec.name, signal))?.state;
    return [name, state?.kind === 'running' ? state.pid : assert.fail(`${name} does not run`)];
  });
  return new Map(await Promise.all(pids));
}

function wantedOf(podman: PodmanFixture): Wanted {
  const services = ['calm', 'killed'].map((name) => {
    const { address, name: container } = specOf(podman, name);
    const replica = { ...PLACE, name: 'r1.1.1', release: 'r1', digest: podman.pinned.split('@')[1] ?? '', container, address };
    return { environment: 'prod', service: name, release: 'r1', edge: { ...PLACE, address }, replicas: [replica] };
  });
  return { services, rollouts: [], monitors: [] };
}
