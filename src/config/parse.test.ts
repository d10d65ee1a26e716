/** parseConfig: defaults, units, and every problem at once. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { AntlerError } from '../kit/errors.ts';
import { parseConfig } from './parse.ts';
import { resolveService, toAppSpec } from './resolve.ts';

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
