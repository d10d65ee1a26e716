/** Cases are data: a file in test/cases/host is what is wanted, what was read, and the changes that must come out. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';

import { planHost } from './plan.ts';
import { serviceFiles } from './supervisor/supervisor.ts';
import type { Change, Facts, Resource, ServiceResource, SupervisorPlace } from './types.ts';

interface Case {
  readonly title: string;
  readonly wanted: readonly Resource[];
  /** Only what differs from a machine without anything. */
  readonly facts: Partial<Facts>;
  readonly previous?: readonly Resource[];
  readonly changes: readonly { readonly action: Change['action']; readonly text: string; readonly detail: readonly string[] }[];
}

const NOTHING: Facts = {
  packages: {},
  paths: {},
  groups: {},
  idRanges: { subuid: [], subgid: [] },
  addresses: [],
  firewall: {},
  services: {},
  place: null,
};
const CASES = resolve(import.meta.dirname, '../../test/cases/host');
const files = readdirSync(CASES).filter((file) => file.endsWith('.json'));
const cases = files.flatMap((file) => JSON.parse(readFileSync(join(CASES, file), 'utf8')) as readonly Case[]);

for (const { title, wanted, facts, previous, changes } of cases) {
  test(`planHost() ${title}`, () => {
    const planned = planHost(wanted, { ...NOTHING, ...facts }, previous);
    assert.deepEqual(
      planned.map(({ action, text, detail }) => ({ action, text, detail })),
      changes,
    );
  });
}

test('planHost() saw its cases', () => assert.ok(cases.length > 15, `${cases.length} cases`));

const PLACE: SupervisorPlace = { kind: 'systemd', id: 'x', home: '/srv/x', servicesDir: '/srv/x/services', logsDir: '/srv/x/logs' };
const EDGE: ServiceResource = {
  kind: 'service',
  name: 'antler-x-edge',
  description: 'edge',
  command: ['haproxy'],
  env: {},
  user: 'root',
  before: [],
  mode: 'always',
  ready: 'exec',
  stopSeconds: 5,
  afterServices: [],
};
const path = '/etc/systemd/system/antler-x-edge.service';

for (const kind of ['systemd', 'runit'] as const) {
  test(`planHost() has nothing to do for a ${kind} service that is defined as wanted and runs`, () => {
    const place = { ...PLACE, kind };
    const services = { [EDGE.name]: { files: serviceFiles(EDGE, place), enabled: true, running: true } };
    assert.deepEqual(planHost([EDGE], { ...NOTHING, services, place }), []);
  });
}

test('planHost() starts what does not run, redefines what differs, and never shows what is in a definition', () => {
  const plan = (fact: Facts['services'][string], service = EDGE): readonly Change[] =>
    planHost([service], { ...NOTHING, services: { [EDGE.name]: fact }, place: PLACE });
  const defined = serviceFiles(EDGE, PLACE);
  assert.deepEqual(
    plan({ files: defined, enabled: true, running: false }).map(({ text }) => text),
    ['start antler-x-edge'],
  );
  const [change] = plan({ files: defined, enabled: true, running: true }, { ...EDGE, env: { TOKEN: 'secret' } });
  assert.deepEqual([change?.text, change?.detail], ['redefine antler-x-edge', [`${path} differs`]]);
  assert.deepEqual(
    plan({ files: serviceFiles({ ...EDGE, mode: 'demand' }, PLACE), enabled: false, running: false }, { ...EDGE, mode: 'demand' }),
    [],
  );
});

test('planHost() refuses to overwrite a unit of somebody else', () => {
  const services = { [EDGE.name]: { files: {}, enabled: true, running: true, foreign: '/lib/systemd/system/antler-x-edge.service' } };
  assert.throws(() => planHost([EDGE], { ...NOTHING, services, place: PLACE }), /there is one of this name: \/lib/);
  assert.deepEqual(planHost([], { ...NOTHING, services, place: PLACE }, [EDGE]), []);
});
