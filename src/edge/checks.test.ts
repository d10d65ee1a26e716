import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hasCode } from '../kit/errors.ts';
import { checkCommands, checksText, forgetCommand, healthPathOf } from './checks.ts';
import { HOLD, type RecordedServer } from './file.ts';
import type { Route } from './types.ts';

const ROUTE: Route = {
  environment: 'dev',
  service: 'backend',
  address: '10.77.1.1',
  port: 5000,
  subnet: '10.77.101.0/24',
  health: { path: '/healthz', intervalMs: 2000, timeoutMs: 1000 },
  drainMs: 30_000,
  stopFirst: false,
};
const server = (name: string, healthPath?: string): RecordedServer => ({
  environment: 'dev',
  service: 'backend',
  name,
  release: 'r1',
  address: '10.77.101.10',
  port: 5000,
  weight: 1,
  ...(healthPath === undefined ? {} : { healthPath }),
});

test('checksText() has a line for each server: its own path, else its route’s; none for who is never checked', () => {
  const servers = [server('r1.1.1'), server('r2.1.2', '/ready'), server(HOLD)];
  assert.equal(checksText({ routes: [ROUTE], servers }), 'r1.1.1 /healthz\nr2.1.2 /ready\n');
  assert.equal(checksText({ routes: [ROUTE], servers: [] }), '');
});

test('checksText() of two records carries the servers of both; the later one is right', () => {
  const before = { routes: [ROUTE], servers: [server('r1.1.1'), server('r2.1.2')] };
  const next = { routes: [{ ...ROUTE, health: { ...ROUTE.health, path: '/new' } }], servers: [server('r2.1.2')] };
  assert.equal(checksText(before, next), 'r1.1.1 /healthz\nr2.1.2 /new\n');
});

test('healthPathOf() takes what the config takes, and refuses what HAProxy would read as something else', () => {
  for (const path of ['/', '/healthz', "/a;b,c(d)%20'e$f?x=1&y=~!*+:@"]) assert.equal(healthPathOf(server('a', path), [ROUTE]), path);
  for (const path of ['', 'healthz', '/a b', '/a\nb /c', '/a\rb', '/"', '/#', '/\\', '/<<', '/ä', '/\u0000', `/${'x'.repeat(2000)}`]) {
    assert.throws(
      () => healthPathOf(server('a', path), [ROUTE]),
      (error) => hasCode(error, 'edge/refused'),
      JSON.stringify(path),
    );
  }
  assert.throws(
    () => healthPathOf(server('a', '/'), []),
    (error) => hasCode(error, 'edge/refused'),
  );
});

test('checkCommands() keep a semicolon from ending the command', () => {
  assert.deepEqual(checkCommands('r1.1.1', '/a;b'), {
    set: String.raw`set map checks.map r1.1.1 /a\;b`,
    add: String.raw`add map checks.map r1.1.1 /a\;b`,
  });
  assert.throws(() => checkCommands('r1.1.1', '/a b'));
  assert.equal(forgetCommand('r1.1.1'), 'del map checks.map r1.1.1');
});
