/** A real container that somebody replaced: the same name, the same labels, another image. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LABELS } from '../../../src/engines/engines.ts';
import { exec } from '../../../src/kit/exec.ts';
import { poll } from '../../../src/kit/wait.ts';
import { specOf } from '../../conformance/engine-fixture.ts';
import { digestOf, openPodman } from '../engines/fixture.ts';
import { scene } from './fixture.ts';

const signal = AbortSignal.timeout(120_000);
const SERVES = ['/bin/sh', '-c', 'trap "exit 0" TERM; httpd -p 80 -h /etc; while :; do sleep 0.2; done'];
const PLACE = { port: 80, path: '/passwd', timeoutMs: 2000 };

test('monitor: a real container replaced under its name by another image is drift, also where the other one goes by the same tag', async (t) => {
  const podman = await openPodman(t);
  const { engine, image } = podman;
  const [repository = ''] = image.split(':');
  const digest = await digestOf(image, signal);
  const builder = (await exec(['buildah', 'from', image], { signal })).stdout.trim();
  await exec(['buildah', 'config', '--env', 'OTHER=1', builder], { signal });
  await exec(['buildah', 'commit', '-q', '--rm', builder, `${repository}:other`], { signal });
  t.after(async () => exec(['podman', 'rmi', '--force', `${repository}:other`], { signal: AbortSignal.timeout(20_000), accept: [1] }));
  const other = await digestOf(`${repository}:other`, signal);
  assert.notEqual(other, digest);

  await engine.ensureNetwork({ name: podman.network, subnet: `${podman.net}.0/24` }, signal);
  const spec = specOf(podman, 'replaced', { command: SERVES });
  const put = async (made: string): Promise<void> => {
    await engine.remove(spec.name, signal);
    await engine.create({ ...spec, image: made, labels: { ...spec.labels, [LABELS.release]: 'r1' } }, signal);
    await engine.start(spec.name, signal);
    const answers = async (): Promise<true | undefined> =>
      fetch(`http://${spec.address}/passwd`, { signal }).then(
        ({ ok }) => (ok ? true : undefined),
        () => undefined,
      );
    await poll(answers, { signal, timeoutMs: 15_000, what: 'its answer' });
  };
  const replica = { ...PLACE, name: 'r1.1.1', release: 'r1', digest, container: spec.name, address: spec.address };
  const services = [{ environment: 'prod', service: 'web', release: 'r1', edge: { ...PLACE, address: spec.address }, replicas: [replica] }];
  const { look, verdict } = scene(t, { services, rollouts: [], monitors: [] }, { containers: async (asking) => engine.list(asking) });
  await put(`${repository}@${digest}`);
  await look();
  assert.equal(verdict(), 'up');
  await put(`${repository}@${other}`);
  await look(2);
  assert.equal(verdict(), 'drift: r1.1.1 runs another image than r1');
  await put(`${repository}@${digest}`);
  await look(2);
  assert.equal(verdict(), 'up');
  await exec(['podman', 'tag', `${repository}:other`, image], { signal }); // the tag has moved: what runs by the digest has not
  await look(2);
  assert.equal(verdict(), 'up');
  await put(image);
  await look(2);
  assert.equal(verdict(), 'drift: r1.1.1 runs another image than r1');
});
