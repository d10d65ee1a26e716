import assert from 'node:assert/strict';
import { test } from 'node:test';

import { edgeCommand, edgePaths } from './command.ts';
import { bindsOf, edgeFile, readEdgeFile, withoutRecord, type RecordedServer } from './file.ts';
import type { Route } from './types.ts';

const OPTIONS = { runtimeSocket: '/srv/antler/edge/runtime.sock', ipv6: true };
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
const SERVER: RecordedServer = {
  environment: 'dev',
  service: 'backend',
  name: 'r1.0.1',
  release: 'r1',
  address: '10.77.101.10',
  port: 5000,
  weight: 90,
};

test('readEdgeFile() reads back what edgeFile() wrote', () => {
  const record = { routes: [ROUTE, { ...ROUTE, service: 'frontend', address: '10.77.1.2' }], servers: [SERVER] };
  assert.deepEqual(readEdgeFile(edgeFile(record.routes, record.servers, OPTIONS)), record);
  assert.deepEqual(readEdgeFile(''), { routes: [], servers: [] });
});

test('edgeFile() puts each server with its weight into its own backend only', () => {
  const text = edgeFile([ROUTE, { ...ROUTE, environment: 'stg', address: '10.77.2.1', subnet: '10.77.102.0/24' }], [SERVER], OPTIONS);
  assert.equal(text.match(/^ {2}server /gm)?.length, 1);
  assert.match(text, /^backend dev:backend\n(?: {2}.*\n)* {2}server r1\.0\.1 10\.77\.101\.10:5000 check .* weight 90\n/m);
});

test('edgeFile() lets only the own subnet, the address itself and the host call a virtual address', () => {
  const text = edgeFile([ROUTE], [], OPTIONS);
  assert.match(
    text,
    /bind 10\.77\.1\.1:5000 transparent\n {2}http-request deny deny_status 403 unless \{ src 10\.77\.101\.0\/24 10\.77\.1\.1 127\.0\.0\.1 \}/,
  );
});

test('edgeFile() lets jobs call the virtual address of what is exposed, and never the entry', () => {
  const jobs = { ...ROUTE, entry: { port: 30_008, listen: 'any' as const }, jobs: '10.77.201.0/24' };
  const lines = edgeFile([jobs], [], OPTIONS).split('\n');
  assert.ok(lines.includes(`  http-request deny deny_status 403 unless { src 10.77.101.0/24 ${ROUTE.address} 127.0.0.1 10.77.201.0/24 }`));
  assert.ok(lines.includes('  http-request deny deny_status 403 if { src 10.77.101.0/24 10.77.201.0/24 }'));
});

test('edgeFile() keeps every inside subnet out of the entries', () => {
  const stg = { ...ROUTE, environment: 'stg', subnet: '10.77.102.0/24', entry: { port: 30_009, listen: 'any' } };
  assert.match(
    edgeFile([ROUTE, stg], [], OPTIONS),
    /bind :::30009 v4v6\n {2}http-request deny deny_status 403 if \{ src 10\.77\.101\.0\/24 10\.77\.102\.0\/24 \}/,
  );
});

test('bindsOf() follows `listen` and IPv6', () => {
  const of = (listen: string, ipv6: boolean): readonly string[] =>
    bindsOf([{ ...ROUTE, entry: { port: 80, listen } }], ipv6)
      .slice(1)
      .map(({ text }) => text);
  assert.deepEqual(of('any', true), [':::80']);
  assert.deepEqual(of('any', false), ['0.0.0.0:80']);
  assert.deepEqual(of('loopback', true), ['127.0.0.1:80', '::1:80']);
  assert.deepEqual(of('loopback', false), ['127.0.0.1:80']);
  assert.deepEqual(of('192.168.1.5', true), ['192.168.1.5:80']);
});

test('edgeFile(): the longest drain is the hard stop, never before the closing is spread out; a stop-first service retries for long', () => {
  assert.match(edgeFile([ROUTE, { ...ROUTE, drainMs: 90_000 }], [], OPTIONS), /hard-stop-after 90000ms/);
  assert.match(edgeFile([{ ...ROUTE, drainMs: 1000 }], [], OPTIONS), /hard-stop-after 15000ms/);
  assert.doesNotMatch(edgeFile([ROUTE], [], OPTIONS), /retries 30/);
  assert.match(edgeFile([{ ...ROUTE, stopFirst: true }], [], OPTIONS), /retries 30/);
});

test('edgeFile() refuses names that HAProxy would read as something else', () => {
  for (const name of ['a b', 'a\nbackend evil', 'a"b', 'a#b', '$(id)', 'x'.repeat(300), '']) {
    assert.throws(() => edgeFile([{ ...ROUTE, service: name }], [], OPTIONS), /not one plain word/, JSON.stringify(name));
  }
});

test('edgeFile(): a health path, of a route or of a server, is nothing that HAProxy has to read again', () => {
  const changed = { ...ROUTE, health: { ...ROUTE.health, path: '/other' } };
  const text = edgeFile([ROUTE], [SERVER], OPTIONS);
  const other = edgeFile([changed], [{ ...SERVER, healthPath: '/own' }], OPTIONS);
  assert.notEqual(text, other);
  assert.equal(withoutRecord(text), withoutRecord(other));
  const slower = { ...ROUTE, health: { ...ROUTE.health, intervalMs: 3000 } };
  assert.notEqual(withoutRecord(text), withoutRecord(edgeFile([slower], [SERVER], OPTIONS)));
  assert.match(text, /^ {2}http-check send meth GET uri-lf %\[srv_name,map_str\(checks\.map,\/\)\] ver /m);
});

test('edgeCommand() runs master and worker on the folder’s own file and sockets', () => {
  const { file, masterSocket } = edgePaths('/srv/antler/edge');
  assert.deepEqual(edgeCommand({ folder: '/srv/antler/edge', notify: true }), [
    '/usr/sbin/haproxy',
    '-Ws',
    '-S',
    `${masterSocket},mode,600,level,admin`,
    '-f',
    file,
  ]);
  assert.equal(edgeCommand({ folder: '/srv/antler/edge', notify: false })[1], '-W');
});
