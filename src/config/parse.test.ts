/** parseConfig: defaults, units, and every problem at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { resolveService, toAppSpec } from './app.ts';
import { parseConfig } from './parse.ts';

const small = { app: 'moose', services: { web: { build: 'apps/web', port: 8080 } }, environments: { dev: { port: 30008 } } };

function problemsOf(raw: unknown): readonly string[] {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof AntlerError)
      return error.problems.map(({ at, message, hint }) => `${at} ${message}${hint === undefined ? '' : ` ${hint}`}`);
    throw error;
  }
  return [];
}

test('parseConfig: fills in defaults and resolves units', () => {
  const spec = parseConfig(small);
  const [web] = spec.services;
  assert.equal(web?.memory, 256 * 1024 * 1024);
  assert.equal(web.expose, true);
  assert.deepEqual(web.health, { path: '/', startMs: 60_000, intervalMs: 2000, timeoutMs: 2000 });
  assert.deepEqual(spec.environments[0]?.strategy, { steps: [100], bakeMs: 0 });
  assert.equal('machine' in toAppSpec(spec), false);
});

test('parseConfig: names every problem at once, with the nearest key', () => {
  const found = problemsOf({
    ...small,
    servces: {},
    services: { web: { build: 'apps/web', prot: 8080 } },
    environments: { dev: { port: 99_999 }, stg: { port: 30_009, from: 'dve' } },
  });
  assert.equal(found.length, 5);
  assert.match(found.join('\n'), /servces is not a key.*Did you mean `services`\?/);
  assert.match(found.join('\n'), /services\.web\.prot is not a key.*Did you mean `port`\?/);
  assert.match(found.join('\n'), /services\.web\.port is missing: needed is a whole number from 1 to 65535/);
  assert.match(found.join('\n'), /environments\.dev\.port is 99999: needed is a whole number from 1 to 65535/);
  assert.match(found.join('\n'), /environments\.stg\.from is "dve": needed is one of dev Did you mean `dev`\?/);
});

test('resolveService: an environment’s facts win, variables merge', () => {
  const spec = parseConfig({
    ...small,
    services: { web: { build: 'apps/web', port: 8080, env: { A: 1, B: 'two' } } },
    environments: { prod: { port: 30010, replicas: 2, services: { web: { env: { B: true }, memory: '1G' } } } },
  });
  const web = resolveService(toAppSpec(spec), 'prod', 'web');
  assert.deepEqual(web?.env, { A: '1', B: 'true' });
  assert.equal(web.replicas, 2);
  assert.equal(web.memory, 1024 ** 3);
  assert.equal(resolveService(spec, 'nowhere', 'web'), undefined);
});

const BAD_VALUES: readonly (readonly [string, unknown, RegExp])[] = [
  ['services.web.port', '8080', /is "8080": needed is a whole number from 1 to 65535/],
  ['services.web.port', 0, /from 1 to 65535/],
  ['services.web.build', '../other', /does not lead out of its folder/],
  ['services.web.build', '/etc', /relative to the config/],
  ['services.web.build', 'a; rm -rf x', /relative to the config/],
  ['services.web.build.dockerfil', 'x', /Did you mean `dockerfile`/],
  ['services.web.memory', '256', /from 16M to 1T/],
  ['services.web.memory', '256 MB', /an amount of memory/],
  ['services.web.cpus', 0, /a number from 0.05 to 256/],
  ['services.web.drain', '30', /a time from 0s to 1h/],
  ['services.web.health.path', 'healthz', /begins with \//],
  ['services.web.health.path', '/a b\r\nHost: x', /begins with \//],
  ['services.web.health.inteval', '2s', /Did you mean `interval`/],
  ['services.web.command', 'node main.js', /a list of a program and its arguments/],
  ['services.web.env.ANTLER_RELEASE', 'r1', /does not begin with ANTLER_/],
  ['services.web.env.a-b', 'x', /a variable name/],
  ['services.web.env.TOKEN', ['s3cret'], /is a list \(not shown\): needed is text/],
  ['services.web.env.TOKEN', 'a\0b', /not shown/],
  ['services.web.volumes.data', 'data', /an absolute path/],
  ['services.web.volumes.data', '/a/../b', /without `\.` and `\.\.`/],
  ['services.web.image', 'redis; id', /an image name/],
  ['machine.engine', 'docker', /is "docker": needed is "podman"/],
  ['machine.resources', [{ kind: 'packge', name: 'htop' }], /one of \{ kind: "package" \}/],
  ['machine.resources', [{ kind: 'file', path: '/etc/motd', content: 'hi', mod: '0644' }], /Did you mean `mode`/],
  ['machine.resources', [{ kind: 'package', name: '-o Foo' }], /the name of a Debian package/],
  ['bases.node', { packages: [] }, /is built in/],
  ['environments.dev.listen', 'everywhere', /`any`, `loopback`, or an IP address/],
  ['environments.dev.approve', true, /a whole number from 0 to 10/],
  ['environments.dev.branches', 'main', /a list of branch names or globs/],
  ['environments.dev.branches', ['$(reboot)'], /a branch or a glob of branches/],
  ['environments.dev.soak', '1m', /has nothing to look at: needed is `from`/],
  ['environments.dev.from', 'dev', /is "dev" itself/],
  ['environments.dev.from', 'prod', /listed below/],
  ['environments.dev.strategy.steps', [50, 10, 100], /ascends and ends at 100/],
  ['environments.dev.strategy.steps', [10, 50], /ascends and ends at 100/],
  ['environments.dev.services.wbe', { replicas: 1 }, /Did you mean `web`/],
  ['environments.dev.services.web.build', 'x', /built once/],
  ['environments.prod.port', 30_008, /as in dev: needed is a port of its own/],
];

test('parseConfig: a wrong value is named with its key path and what is needed', () => {
  for (const [at, value, expected] of BAD_VALUES) {
    const raw: unknown = structuredClone({
      ...small,
      bases: {},
      machine: {},
      environments: { dev: { port: 30_008 }, prod: { port: 30_009 } },
    });
    put(raw, at.split('.'), value);
    const found = problemsOf(raw).filter((line) => line.startsWith(at));
    assert.equal(found.length, 1, `${at}: ${found.join(' | ')}`);
    assert.ok(found[0]?.startsWith(at), found[0]);
    assert.match(found[0] ?? '', expected);
    assert.doesNotMatch(found[0] ?? '', /s3cret/);
  }
});

test('parseConfig: whole rules over several keys', () => {
  const web = { build: 'web', port: 80 };
  const rules: readonly (readonly [unknown, RegExp])[] = [
    [{ ...small, services: {} }, /services is empty/],
    [{ ...small, services: { a: web, b: web } }, /services has no exposed service/],
    [{ ...small, services: { a: { ...web, expose: true }, b: { ...web, expose: true } } }, /services\.b\.expose is true, as it is for a/],
    [{ ...small, services: { a: { port: 80 } } }, /neither `build` and `image`|neither `build` nor `image`/],
    [{ ...small, services: { a: { ...web, image: 'redis:7' } } }, /both `build` and `image`/],
    [{ ...small, services: { a: { ...web, replicas: 2, volumes: { data: '/data' } } } }, /replicas is more than 1/],
    [{ ...small, services: { a: { ...web, build: { context: 'a', base: 'pyhton' } } }, bases: { python: {} } }, /Did you mean `python`/],
    [[], /antler\.config\.ts is \[\]: needed is an object/],
    [null, /antler\.config\.ts is null: needed is an object/],
    ['text', /antler\.config\.ts is "text": needed is an object/],
  ];
  for (const [raw, expected] of rules) assert.match(problemsOf(raw).join('\n'), expected);
});

test('parseConfig: an environment’s replicas leave a service with a one-writer volume alone', () => {
  const spec = parseConfig({
    ...small,
    services: { web: { build: 'web', port: 80, expose: true }, db: { image: 'redis:7', port: 6379, volumes: { data: '/data' } } },
    environments: { prod: { port: 1, replicas: 3 } },
  });
  assert.equal(resolveService(spec, 'prod', 'web')?.replicas, 3);
  assert.equal(resolveService(spec, 'prod', 'db')?.replicas, 1);
  assert.equal(spec.services[1]?.overlap, false);
});

function put(raw: unknown, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (typeof raw !== 'object' || raw === null) return;
  const here = raw as Record<string, unknown>;
  if (rest.length === 0) here[key] = value;
  else {
    if (typeof here[key] !== 'object') here[key] = key === 'build' ? { context: 'a' } : {};
    put(here[key], rest, value);
  }
}

test('parseConfig: monitors, alerts and the console are the operators’ own, resolved', () => {
  const spec = parseConfig({
    ...small,
    monitors: {
      shop: { http: 'https://shop.example.org/health', status: [200, '300-399'], json: { '$.ok': true } },
      db: { tcp: '[2001:db8::1]:5432', interval: '1m' },
    },
    alerts: { webhooks: { chat: { secret: 'CHAT' } }, commands: { sms: ['/bin/sms', '{{title}}'] }, repeat: '1h' },
  });
  assert.equal('watch' in toAppSpec(spec), false);
  assert.deepEqual(spec.watch, {
    monitors: [
      {
        name: 'shop',
        kind: 'http',
        url: 'https://shop.example.org/health',
        status: [
          [200, 200],
          [300, 399],
        ],
        json: { '$.ok': 'true' },
        headers: {},
        intervalMs: 20_000,
        timeoutMs: 5000,
        lateMs: 2500,
      },
      { name: 'db', kind: 'tcp', host: '2001:db8::1', port: 5432, intervalMs: 60_000, timeoutMs: 5000 },
    ],
    webhooks: [{ name: 'chat', secret: 'CHAT', headers: {} }],
    commands: [{ name: 'sms', argv: ['/bin/sms', '{{title}}'] }],
    repeatMs: 3_600_000,
    console: { port: 7700, listen: 'loopback' },
  });
});

test('parseConfig: says what is wrong with monitors, webhooks and the console’s port', () => {
  const found = problemsOf({
    ...small,
    environments: { dev: { port: 7700 } },
    monitors: { shop: { http: 'ftp://shop', late: '0ms' }, db: { tcp: 'db' }, odd: {} },
    alerts: { webhooks: { chat: { headers: { 'x-a': 'b\nc' } } } },
    console: { listen: 'any' },
  }).join('\n');
  assert.match(found, /environments\.dev\.port is 7700, as in the console/);
  assert.match(found, /alerts\.webhooks\.chat has neither `url` nor `secret`/);
  assert.match(found, /monitors\.db.*a host and a port/);
  assert.match(found, /monitors\.shop.*http/);
  assert.match(found, /monitors\.odd/);
  assert.match(found, /headers\.x-a/);
  assert.match(found, /console\.listen is "any": needed is "loopback" or "lan"/);
});
