/** An app that prints 10,000 lines a second, followed by who reads slowly: it costs the daemon no memory, and delays nothing that it does. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import process from 'node:process';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { streamLogs } from '../../../src/api/logs.ts';
import { answerStream } from '../../../src/api/stream.ts';
import { LABELS } from '../../../src/engines/engines.ts';
import { sleep } from '../../../src/kit/wait.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { openPodman } from '../engines/fixture.ts';
import { backend, scene } from '../monitor/fixture.ts';

const MB = 1024 * 1024;
const FOR_MS = 5000;
/** What the reader takes each tenth of a second: less than a third of what is printed. */
const BITE = 24 * 1024;
const FLOOD = `while :; do yes "0123456789 of an app that prints and prints, whoever reads it" | head -n 1000; sleep 0.1; done`;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const signal = AbortSignal.timeout(120_000);

test('logs: 10,000 lines a second to a slow reader: memory and event loop stay as without, and each look of the monitor is in time', async (t) => {
  const podman = await openPodman(t);
  const { engine } = podman;
  await engine.ensureNetwork({ name: podman.network, subnet: `${podman.net}.0/24` }, signal);
  const spec = specOf(podman, 'flood', { command: ['/bin/sh', '-c', FLOOD], cpus: 0.7 });
  await engine.create({ ...spec, labels: { ...spec.labels, [LABELS.environment]: 'dev' } }, signal);

  const web = await backend(t, (_request, response) => response.end());
  const url = `http://127.0.0.1:${web.port}/`;
  const page = {
    kind: 'http',
    name: 'page',
    url,
    status: [[200, 399]],
    headers: {},
    lateMs: 500,
    intervalMs: 1000,
    timeoutMs: 1000,
  } as const;
  const over = new AbortController();
  const { monitor, samples } = scene(t, { services: [], rollouts: [], monitors: [page] }, { signal: over.signal });
  const running = monitor.run();
  const looks = (): number => samples.filter(({ outcome, target }) => outcome === 'good' && target.id.service === 'page').length;
  const measured = async (): Promise<{ readonly lagMs: number; readonly looks: number; readonly bytes: number }> => {
    const delay = monitorEventLoopDelay({ resolution: 10 });
    const [looked, used] = [looks(), inUse()];
    delay.enable();
    await sleep(FOR_MS, signal);
    delay.disable();
    return {
      lagMs: delay.percentile(99) / 1e6,
      looks: looks() - looked,
      bytes: inUse() - used,
    };
  };
  const idle = await measured();

  await engine.start(spec.name, signal);
  const gone = new AbortController();
  const server = createServer((_request, response) => {
    const request = { environment: 'dev', service: undefined, follow: true, tail: undefined, signal: gone.signal } as const;
    void answerStream(response, gone.signal, async (stream) =>
      streamLogs(engine, { ...request, emit: async (event) => stream.write(event) }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [answer] = (await once(get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`), 'response')) as [IncomingMessage];
  const read = readSlowly(answer, gone.signal);
  const flooded = await measured();
  gone.abort();
  over.abort();
  await Promise.all([read, running]);
  server.closeAllConnections();
  server.close();
  let printed = 0;
  for await (const _ of engine.logs(spec.name, { follow: false, signal })) printed += 1;
  await engine.remove(spec.name, signal);

  t.diagnostic(`${printed} lines printed; ${JSON.stringify({ idle, flooded })}`);
  assert.ok(printed > FOR_MS * 4, `only ${printed} lines: that is no flood`);
  assert.ok(flooded.bytes < 8 * MB, `${Math.round(flooded.bytes / MB)} MB more in use`);
  assert.ok(flooded.lagMs < idle.lagMs + 400, `the loop was late by ${flooded.lagMs} ms, idle by ${idle.lagMs} ms`);
  assert.ok(flooded.looks >= FOR_MS / 1000 - 1, `${flooded.looks} looks, idle ${idle.looks}`);
});

function inUse(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function readSlowly(answer: IncomingMessage, until: AbortSignal): Promise<void> {
  answer.on('error', () => undefined);
  answer.pause();
  while (!until.aborted) {
    answer.read(BITE);
    await sleep(100, until).catch(() => undefined);
  }
  answer.destroy();
}
