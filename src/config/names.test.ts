/** parseConfig: whatever the config may name, in every place where it names it, is no shell’s word, no second line and no novel. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { parseConfig } from './parse.ts';

const service = { build: 'apps/web', port: 8080 };
const small = { app: 'moose', services: { web: service }, environments: { dev: { port: 30_008 } } };

/** As JSON has it: `__proto__` is a key of its own. */
const named = (key: string, value: unknown): unknown => JSON.parse(`{${JSON.stringify(key)}: ${JSON.stringify(value)}}`);
const inService = (more: object): unknown => ({ ...small, services: { web: { ...service, ...more } } });
const inDev = (more: object): unknown => ({ ...small, environments: { dev: { port: 1, ...more } } });
const inMachine = (resource: object): unknown => ({ ...small, machine: { resources: [resource] } });
const daemon = { kind: 'service', name: 'a', command: ['/bin/true'] };
const folder = { kind: 'directory', path: '/srv/a' };

/** Bad wherever something is named. */
const BAD = [
  'a b',
  'a;reboot',
  '$(id)',
  '`id`',
  'a|b',
  'a&b',
  "a'b",
  'a"b',
  'a\\b',
  'a>b',
  'a*',
  'a\nb',
  'a\n',
  '\na',
  'a\r',
  'a\0b',
  '../a',
  '-a',
  'ä',
  '',
  'a'.repeat(300),
];

interface Kind {
  /** Of the text that says what is allowed. */
  readonly allowed: string;
  /** Bad here only. */
  readonly bad: readonly string[];
  /** Key path → a config with the name there. */
  readonly places: Readonly<Record<string, (name: string) => unknown>>;
}

const KINDS: readonly Kind[] = [
  {
    allowed: 'a name of at most 30',
    bad: ['__proto__', 'a/b', 'A', '1a', 'a-', 'a.b', 'a_b', 'a'.repeat(31)],
    places: {
      app: (name) => ({ ...small, app: name }),
      services: (name) => ({ ...small, services: named(name, service) }),
      environments: (name) => ({ ...small, environments: named(name, { port: 30_008 }) }),
      'environments.dev.services': (name) => inDev({ services: named(name, {}) }),
      'environments.dev.from': (name) => inDev({ from: name }),
      bases: (name) => ({ ...small, bases: named(name, {}) }),
      'services.web.build.base': (name) => inService({ build: { context: 'a', base: name } }),
      'services.web.volumes': (name) => inService({ volumes: named(name, '/data') }),
      'machine.resources[0].name': (name) => inMachine({ ...daemon, name }),
      monitors: (name) => ({ ...small, monitors: named(name, { tcp: 'db:5432' }) }),
      'alerts.webhooks': (name) => ({ ...small, alerts: { webhooks: named(name, { secret: 'CHAT' }) } }),
      'alerts.commands': (name) => ({ ...small, alerts: { commands: named(name, ['/bin/true']) } }),
    },
  },
  {
    allowed: 'the name of a user or group of the machine',
    bad: ['a/b', 'A', '1a', 'a.b', 'a:b', 'a'.repeat(33)],
    places: {
      'machine.resources[0].owner': (name) => inMachine({ ...folder, owner: name }),
      'machine.resources[0].group': (name) => inMachine({ ...folder, kind: 'file', content: '', group: name }),
      'machine.resources[0].user': (name) => inMachine({ ...daemon, user: name }),
    },
  },
  {
    allowed: 'the name of a Debian package',
    bad: ['a/b', 'A', 'a_b', 'a=1', 'a:amd64', '?essential', '~nfoo', 'a'.repeat(101)],
    places: {
      'machine.resources[0].name': (name) => inMachine({ kind: 'package', name }),
      'bases.python.packages[0]': (name) => ({ ...small, bases: { python: { packages: [name] } } }),
    },
  },
  {
    allowed: 'an image name',
    bad: ['A', 'a:', 'a@sha256:1', 'a//b', 'https://a/b', '--all', 'a:b c'],
    places: {
      'services.web.image': (name) => ({ ...small, services: { web: { image: name, port: 80 } } }),
      'bases.python.standsFor[0]': (name) => ({ ...small, bases: { python: { standsFor: [name] } } }),
    },
  },
  {
    allowed: 'a variable name',
    bad: ['a-b', '1a', 'a=b', 'a.b', 'ANTLER_RELEASE', 'a'.repeat(101)],
    places: {
      'services.web.env': (name) => inService({ env: named(name, 'x') }),
      'services.web.build.args': (name) => inService({ build: { context: 'a', args: named(name, 'x') } }),
      'environments.dev.services.web.env': (name) => inDev({ services: { web: { env: named(name, 'x') } } }),
      'machine.resources[0].env': (name) => inMachine({ ...daemon, env: named(name, 'x') }),
    },
  },
];

for (const { allowed, bad, places } of KINDS)
  for (const [at, make] of Object.entries(places)) {
    test(`parseConfig: ${at} takes no shell characters, line break or 300 characters, and says that it is ${allowed}`, () => {
      for (const name of [...BAD, ...bad]) {
        const found = problemsOf(make(name)).filter((line) => line.includes(allowed));
        const what = `${JSON.stringify(name)} → ${found.join(' | ')}`;
        assert.equal(found.length, 1, what);
        const [problem = ''] = found;
        assert.ok(problem.startsWith(at), what);
        // oxlint-disable-next-line no-control-regex -- what would break a line of a terminal or a log
        assert.ok(problem.length < 300 && !/[\n\r\0]/.test(problem), what);
      }
      for (const name of ['ab', 'a1'])
        assert.deepEqual(
          problemsOf(make(name)).filter((line) => line.includes(allowed)),
          [],
        );
    });
  }

test('parseConfig: a variable called __proto__ is refused, not left out without a word', () => {
  for (const place of [inService({ env: named('__proto__', 'x') }), inMachine({ ...daemon, env: named('__proto__', 'x') })]) {
    const [problem = '', ...more] = problemsOf(place);
    assert.match(problem, /env\.__proto__/);
    assert.deepEqual(more, []);
  }
});

function problemsOf(raw: unknown): readonly string[] {
  try {
    parseConfig(raw);
  } catch (error) {
    if (error instanceof AntlerError) return error.problems.map(({ at, message }) => `${at} ${message}`);
    throw error;
  }
  return [];
}
