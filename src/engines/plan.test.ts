import assert from 'node:assert/strict';
import { test } from 'node:test';

import { LABELS } from './labels.ts';
import { planContainers, type WantedContainer } from './plan.ts';
import { specDigest } from './spec.ts';
import type { Container, ContainerSpec, ContainerState } from './types.ts';

const SPEC: ContainerSpec = {
  name: 'antler-1-dev-web-r1-1-1',
  image: `127.0.0.1:30500/app/web@sha256:${'a'.repeat(64)}`,
  env: { B: '2', A: '1' },
  labels: {},
  network: 'antler-1-dev',
  address: '10.70.101.10',
  hosts: {},
  idBase: 1_000_000,
  memory: 64_000_000,
  cpus: 1,
  pids: 64,
  hardened: true,
  volumes: [],
};

const RUNNING: ContainerState = { kind: 'running', pid: 7, since: 0 };

function seen(state: ContainerState, spec: ContainerSpec = SPEC): Container {
  const { name, image, address } = spec;
  return { id: 'f'.repeat(64), name, image, labels: { [LABELS.spec]: specDigest(spec) }, address, state };
}

const RUN: WantedContainer = { spec: SPEC, state: 'running' };
const KEEP: WantedContainer = { spec: SPEC, state: 'stopped' };
const NEWER = { ...SPEC, image: SPEC.image.replaceAll('a', 'b') };

const CASES: readonly [string, readonly WantedContainer[], readonly Container[], readonly string[]][] = [
  ['nothing wanted, nothing there', [], [], []],
  ['what runs as wanted is left', [RUN], [seen(RUNNING)], []],
  ['what is missing is made and started', [RUN], [], ['create', 'start']],
  ['what ended is started', [RUN], [seen({ kind: 'exited', exitCode: 137, reason: 'killed', at: 0 })], ['start']],
  ['what an unclean stop left as created is started', [RUN], [seen({ kind: 'created' })], ['start']],
  ['what is half removed goes and comes again', [RUN], [seen({ kind: 'removing' })], ['remove', 'create', 'start']],
  ['another image is another container', [RUN], [seen(RUNNING, NEWER)], ['remove', 'create', 'start']],
  ['another limit is another container', [RUN], [seen(RUNNING, { ...SPEC, memory: 1 })], ['remove', 'create', 'start']],
  ['what nobody wants goes, before others come', [RUN], [seen(RUNNING, { ...SPEC, name: 'old' })], ['remove', 'create', 'start']],
  ['what is kept is stopped', [KEEP], [seen(RUNNING)], ['stop']],
  ['what is kept and still is left', [KEEP], [seen({ kind: 'exited', exitCode: 0, reason: 'done', at: 0 })], []],
  ['what is kept and missing is made, not started', [KEEP], [], ['create']],
];

for (const [title, wanted, observed, kinds] of CASES) {
  test(`planContainers: ${title}`, () => {
    const changes = planContainers(wanted, observed);
    assert.deepEqual(
      changes.map(({ kind }) => kind),
      kinds,
    );
    assert.ok(changes.every(({ why }) => why.length > 3));
  });
}

test('specDigest: does not depend on the order of keys, depends on every value', () => {
  assert.equal(specDigest({ ...SPEC, env: { A: '1', B: '2' } }), specDigest(SPEC));
  for (const other of [{ hardened: false }, { address: '10.70.101.11' }, { env: {} }, { hosts: { a: '1.2.3.4' } }, { command: ['x'] }]) {
    assert.notEqual(specDigest({ ...SPEC, ...other }), specDigest(SPEC), JSON.stringify(other));
  }
});
