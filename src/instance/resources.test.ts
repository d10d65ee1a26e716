import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Resource, ServiceResource } from '../host/types.ts';
import { instanceResources, isShared, type ResourceFacts, type ResourceOptions } from './resources.ts';

const facts: ResourceFacts = {
  systemd: true,
  debian: 13,
  oldCgroups: false,
  networkStacks: [],
  autoRange: { user: 'containers', start: 1, count: 2 },
};

const options: ResourceOptions = {
  instance: {
    id: '0a1b2c3d',
    home: '/srv/antler',
    portOffset: 0,
    block: 44,
    idBase: 5,
    registryPort: 30_500,
    operators: ['me'],
    createdAt: '2026-01-01T00:00:00.000Z',
  },
  topology: {
    prefix: 'antler-0a1b2c3d',
    environments: {
      dev: { network: 'n', subnet: '10.44.101.0/24', idBase: 6, services: { a: '10.44.1.1', b: '10.44.1.2' }, port: 1, listen: 'any' },
    },
  },
  facts,
  parts: {
    containersConf: '# conf',
    registryConf: '{}',
    firewallRules: 'chain input { }\n',
    packages: ['extra'],
    edge: { command: ['haproxy', '-f', '/srv/antler/edge/haproxy.cfg'], ready: 'notify', openFiles: 8500 },
    registry: { command: ['docker-registry', 'serve', '/srv/antler/registry/config.yml'], env: { GOGC: '25' } },
    engine: {
      command: ['podman', 'system', 'service', 'unix:///srv/antler/run/engine.sock'],
      env: { CONTAINERS_CONF: '/srv/antler/containers.conf' },
    },
  },
  machine: [{ kind: 'file', path: '/etc/motd', content: 'hi', mode: 0o644, owner: 'root', group: 'root' }],
};

function of<K extends Resource['kind']>(kind: K, more: Partial<ResourceFacts> = {}): readonly Extract<Resource, { kind: K }>[] {
  const all = instanceResources({ ...options, facts: { ...facts, ...more } });
  return all.filter((resource): resource is Extract<Resource, { kind: K }> => resource.kind === kind);
}

const machines: readonly { readonly name: string; readonly facts: Partial<ResourceFacts>; readonly adds: readonly string[] }[] = [
  { name: 'Debian 13 with systemd', facts: {}, adds: ['netavark', 'iptables'] },
  { name: 'Debian 12 with systemd', facts: { debian: 12 }, adds: ['containernetworking-plugins'] },
  { name: 'Debian 12 that has netavark', facts: { debian: 12, networkStacks: ['netavark'] }, adds: ['netavark', 'iptables'] },
  {
    name: 'no systemd and old cgroups',
    facts: { debian: 12, systemd: false, oldCgroups: true },
    adds: ['containernetworking-plugins', 'runit', 'runc'],
  },
];

for (const machine of machines) {
  test(`instanceResources() chooses the packages for ${machine.name}`, () => {
    const names = of('package', machine.facts).map(({ name }) => name);
    const choices = ['netavark', 'iptables', 'containernetworking-plugins', 'runit', 'runc', 'crun'];
    assert.deepEqual(
      names.filter((name) => choices.includes(name)),
      machine.adds,
    );
    for (const name of ['podman', 'haproxy', 'extra']) assert.ok(names.includes(name));
    assert.ok(!names.includes('busybox-static')); // it would push out the busybox that most machines have
  });
}

test('instanceResources() names the home on every process, and gives each its part’s environment', () => {
  const services = of('service').filter(({ name }) => name.startsWith('antler-0a1b2c3d-'));
  assert.equal(services.length, 5);
  assert.deepEqual(services.find(({ name }) => name.endsWith('-registry'))?.env, { GOGC: '25' });
  for (const service of services) assert.match([...service.command, ...(service.after ?? [])].join(' '), /\/srv\/antler/);
});

test('instanceResources() puts addresses and firewall back before the edge starts, and stops the daemon before its containers', () => {
  const find = (name: string): ServiceResource | undefined => of('service').find((service) => service.name === `antler-0a1b2c3d-${name}`);
  assert.deepEqual(find('edge')?.before, [
    ['ip', '-force', '-batch', '/srv/antler/edge/addresses'],
    ['nft', '-f', '/srv/antler/edge/firewall.nft'],
  ]);
  assert.deepEqual(find('daemon')?.afterServices, ['antler-0a1b2c3d-containers']);
  assert.deepEqual(find('containers')?.after?.slice(0, 2), ['podman', 'stop']);
  const files = new Map(of('file').map(({ path, content }) => [path, content]));
  assert.equal(files.get('/srv/antler/edge/addresses'), 'address replace 10.44.1.1/32 dev lo\naddress replace 10.44.1.2/32 dev lo\n');
  assert.match(
    files.get('/srv/antler/edge/firewall.nft') ?? '',
    /^table inet antler_0a1b2c3d\ndelete table inet antler_0a1b2c3d\ntable inet/,
  );
  assert.deepEqual(
    of('address').map(({ address }) => address),
    ['10.44.1.1', '10.44.1.2'],
  );
});

test('isShared() counts what other instances or people may also want', () => {
  const shared = instanceResources(options).filter((resource) => isShared(resource, options.instance) && resource.kind !== 'package');
  assert.deepEqual(
    shared.map((resource) => resource.kind),
    ['group', 'id-range', 'file'],
  );
});
