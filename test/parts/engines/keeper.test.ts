/** The keeper with the real Podman: what dies in whatever way comes back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createKeeper } from '../../../src/engines/engines.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { openPodman } from './fixture.ts';

test('createKeeper: brings back what was killed and what was removed by hand, calls a crash loop by its name', async (t) => {
  const fixture = await openPodman(t);
  const { engine } = fixture;
  const signal = AbortSignal.timeout(120_000);
  await engine.ensureNetwork({ name: fixture.network, subnet: `${fixture.net}.0/24` }, signal);
  const specs = new Map([specOf(fixture, 'kept'), specOf(fixture, 'loops', { does: 'crashes' })].map((spec) => [spec.name, spec] as const));
  const [kept = '', loops = ''] = specs.keys();
  const until = new AbortController();
  using _ = { [Symbol.dispose]: () => until.abort() };
  const keeper = createKeeper({
    engine,
    clock: systemClock,
    wantedRunning: (name) => specs.has(name),
    recreate: async (name, abort) => {
      await engine.create(specs.get(name) ?? assert.fail(name), abort);
      await engine.start(name, abort);
    },
    onVerdict: () => undefined,
  });
  const keeping = keeper.run(until.signal);
  await engine.create(specs.get(kept) ?? assert.fail(), signal);
  await engine.start(kept, signal);
  const back = (before: number): Promise<number> =>
    poll(
      async () => {
        const state = (await engine.inspect(kept, signal))?.state;
        return state?.kind === 'running' && state.pid !== before ? state.pid : undefined;
      },
      { signal, timeoutMs: 5000, what: 'its return' },
    );
  let pid = await back(0);
  process.kill(pid, 'SIGKILL');
  pid = await back(pid);
  assert.equal(keeper.verdict(kept).lastExit?.reason, 'killed');
  await exec(
    ['curl', '-s', '--unix-socket', fixture.socket, '-X', 'DELETE', `http://d/v4.0.0/libpod/containers/${kept}?force=true&timeout=0`],
    { signal },
  );
  await back(pid);
  await engine.create(specs.get(loops) ?? assert.fail(), signal);
  await engine.start(loops, signal);
  await poll(() => (keeper.verdict(loops).kind === 'crash-loop' ? true : undefined), { signal, timeoutMs: 30_000, what: 'the verdict' });
  assert.equal(keeper.verdict(loops).lastExit?.exitCode, 3);
  assert.equal(keeper.verdict(kept).kind, 'running');
  until.abort();
  await keeping;
  for (const name of specs.keys()) await engine.remove(name, signal);
});
