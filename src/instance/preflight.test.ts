import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { judgeFitness, refuse, wantedPorts, type Fitness, type PortsSpec } from './preflight.ts';

const GIB = 1024 ** 3;
const fit: Fitness = {
  home: '/srv/antler',
  system: 'Debian GNU/Linux 12 (bookworm)',
  debianLike: true,
  memory: 4 * GIB,
  disk: 30 * GIB,
  holders: [],
  installed: false,
};
const spec = {
  environments: [
    { name: 'dev', port: 30_007 },
    { name: 'prod', port: 30_009 },
  ],
  watch: { console: { port: 7700, listen: 'loopback' } },
} as unknown as PortsSpec;
const ports = wantedPorts(spec, 1);

const cases: readonly { readonly name: string; readonly fitness: Partial<Fitness>; readonly want: readonly string[] }[] = [
  { name: 'finds nothing on a fit machine', fitness: {}, want: [] },
  { name: 'refuses another system', fitness: { debianLike: false, system: 'Alpine' }, want: ['host/unsupported system'] },
  { name: 'refuses 512 MB', fitness: { memory: GIB / 2 }, want: ['instance/not-fit memory'] },
  { name: 'refuses a full disk', fitness: { disk: GIB }, want: ['host/disk-floor /srv/antler'] },
  { name: 'asks less of a disk where it is installed already', fitness: { disk: GIB, installed: true }, want: [] },
  {
    name: 'names the environment whose port is taken',
    fitness: { holders: [{ port: 30_010, pid: 7, command: 'nginx: master' }] },
    want: ['edge/port-taken environments.prod.port'],
  },
  {
    name: 'names the console whose port is taken',
    fitness: { holders: [{ port: 7701, pid: 7, command: 'python3 -m http.server 7701' }] },
    want: ['console/port-taken console.port'],
  },
  {
    name: 'knows its own daemon by the home on its command line',
    fitness: {
      holders: [{ port: 7701, pid: 7, command: '/srv/antler/program/1/node /srv/antler/program/1/src/daemon.ts --home /srv/antler' }],
    },
    want: [],
  },
  {
    name: 'knows its own edge by the home on its command line',
    fitness: { holders: [{ port: 30_010, pid: 7, command: 'haproxy -f /srv/antler/edge/haproxy.cfg' }] },
    want: [],
  },
  {
    name: 'does not take another instance’s edge for its own',
    fitness: { holders: [{ port: 30_010, pid: 7, command: 'haproxy -f /srv/antler2/edge/haproxy.cfg' }] },
    want: ['edge/port-taken environments.prod.port'],
  },
  { name: 'names all problems at once', fitness: { memory: 1, disk: 1 }, want: ['instance/not-fit memory', 'host/disk-floor /srv/antler'] },
];

for (const { name, fitness, want } of cases) {
  test(`judgeFitness() ${name}`, () => {
    assert.deepEqual(
      judgeFitness({ ...fit, ...fitness }, ports).map(({ code, at }) => `${code} ${at}`),
      want,
    );
  });
}

test('refuse() throws one problem as itself and several as a list', () => {
  refuse([]);
  const two = judgeFitness({ ...fit, memory: 1, disk: 1 }, ports);
  assert.throws(
    () => refuse(two),
    (error) => error instanceof AntlerError && error.code === 'instance/not-fit' && error.problems.length === 2,
  );
  assert.throws(
    () => refuse(two.slice(1)),
    (error) =>
      error instanceof AntlerError && error.code === 'host/disk-floor' && /floor is/.test(error.message) && /--home/.test(error.hint),
  );
});

test('refuse() says who has the console’s port, and what to do', () => {
  const holders = [{ port: 7701, pid: 7, command: 'python3 -m http.server 7701' }];
  assert.throws(
    () => refuse(judgeFitness({ ...fit, holders }, ports)),
    (error) =>
      error instanceof AntlerError &&
      error.code === 'console/port-taken' &&
      error.at === 'console.port' &&
      error.message === 'Cannot go on as console.port 7701 is taken by process 7: python3 -m http.server 7701' &&
      /console: \{ port \}/.test(error.hint),
  );
});
