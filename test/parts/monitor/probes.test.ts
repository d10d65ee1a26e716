/** What one look sees of real servers on loopback. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { createServer as createTlsServer, getCACertificates, setDefaultCACertificates } from 'node:tls';

import { lookDns } from '../../../src/monitor/probes/dns.ts';
import { createKept, lookHttp } from '../../../src/monitor/probes/http.ts';
import type { Look } from '../../../src/monitor/probes/look.ts';
import { lookTcp } from '../../../src/monitor/probes/tcp.ts';
import { lookTls } from '../../../src/monitor/probes/tls.ts';
import type { HttpProbe } from '../../../src/monitor/types.ts';
import { backend, scene, wanted, well } from './fixture.ts';
import { certificate, endedCertificate } from './certificate.ts';
import { nameServer } from './name-server.ts';

const signal = new AbortController().signal;
const target = { timeoutMs: 400, lateMs: 300 };

async function look(t: TestContext, listener: RequestListener, probe: Partial<HttpProbe> = {}): Promise<Look> {
  const { port } = await backend(t, listener);
  return lookAt(port, probe);
}

async function lookAt(port: number, probe: Partial<HttpProbe> = {}): Promise<Look> {
  const url = `http://127.0.0.1:${port}/healthz`;
  const whole: HttpProbe = { kind: 'http', url, method: 'GET', headers: {}, status: [[200, 399]], tellsRelease: true, ...probe };
  return lookHttp(whole, { target, agent: undefined, signal });
}

const json =
  (value: unknown): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify(value));

const BODIES: readonly (readonly [why: string, listener: RequestListener, probe: Partial<HttpProbe>, outcome: string, detail: string])[] = [
  ['a text that is there', json({ status: 'ok' }), { body: '"ok"' }, 'good', 'answers 200'],
  ['a text that is not there', json({ status: 'ill' }), { body: 'ok' }, 'bad', 'the body does not hold "ok"'],
  ['a JSON value', json({ db: [{ up: true }, { up: false }] }), { json: { '$.db[0].up': 'true' } }, 'good', 'answers 200'],
  ['a JSON value by a filter', json({ db: [{ n: 'a', up: 1 }] }), { json: { '$.db[?@.n=="a"].up': '1' } }, 'good', 'answers 200'],
  ['another JSON value', json({ status: 'ill' }), { json: { '$.status': 'ok' } }, 'bad', '$.status is ill, not ok'],
  ['no JSON value', json({}), { json: { '$.status': 'ok' } }, 'bad', '$.status is not there, not ok'],
  ['no JSON', (_request, response) => void response.end('<html>'), { json: { '$.status': 'ok' } }, 'bad', 'the body is no JSON'],
  ['a status of its own', (_request, response) => void response.writeHead(503).end(), { status: [[503, 503]] }, 'good', 'answers 503'],
  ['a status beside the range', (_request, response) => void response.writeHead(201).end(), { status: [[200, 200]] }, 'bad', 'answers 201'],
];

test('lookHttp: an IPv6 address, and a user with a password, are asked as a browser would', async (t) => {
  const seen: (readonly [host: string | undefined, authorization: string | undefined, path: string | undefined])[] = [];
  const server = createServer(({ headers, url }, response) => {
    seen.push([headers.host, headers.authorization, url]);
    response.end('well');
  }).listen(0, '::1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const { outcome } = await lookAt(port, { url: `http://ann:p%40ss@[::1]:${port}/a%20b?c=d#e` });
  assert.equal(outcome, 'good');
  assert.deepEqual(seen, [[`[::1]:${port}`, `Basic ${Buffer.from('ann:p@ss').toString('base64')}`, '/a%20b?c=d']]);
});

for (const [why, listener, probe, outcome, detail] of BODIES) {
  test(`lookHttp: ${why}: ${outcome}`, async (t) => {
    const seen = await look(t, listener, probe);
    assert.deepEqual([seen.outcome, seen.detail], [outcome, detail]);
  });
}

test('lookHttp: headers are sent, a redirect is an answer and not followed', async (t) => {
  const asked: (string | undefined)[] = [];
  const seen = await look(
    t,
    (request, response) => {
      asked.push(`${request.url} ${String(request.headers['x-key'])}`);
      response.writeHead(302, { location: '/elsewhere' }).end();
    },
    { headers: { 'x-key': 'k' } },
  );
  assert.deepEqual([seen.detail, asked], ['answers 302', ['/healthz k']]);
});

const endless: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write('x'.repeat(1000)), 10);
  response.on('close', () => clearInterval(timer));
};

test('lookHttp: a body that never ends holds nobody up: without expectations the head is enough, with them time is over', async (t) => {
  const { port } = await backend(t, endless);
  assert.equal((await lookAt(port)).outcome, 'good');
  assert.deepEqual((await lookAt(port, { body: 'never' })).detail, 'no answer in 400 ms');
  assert.equal((await lookAt(port, { status: [[500, 500]] })).detail, 'answers 200');
});

test('lookHttp: of a large body 256 KB are read, of a failure 1 KB is kept', async (t) => {
  const large: RequestListener = (_request, response) => void response.end('x'.repeat(2_000_000));
  const { port } = await backend(t, large);
  const seen = await lookAt(port, { body: 'never' });
  assert.equal(seen.detail, 'the body does not hold "never" in the first 256 KB');
  assert.equal(seen.evidence?.length, 1024);
});

test('lookHttp: a release that is none is none', async (t) => {
  const says =
    (release: string): RequestListener =>
    (_request, response) =>
      void response.setHeader('x-release', release).end();
  assert.equal((await look(t, says('r12'))).release, 'r12');
  assert.equal((await look(t, says('<b>'))).release, undefined);
});

test('lookHttp: a kept connection that the other side closes in that moment is no failure', async (t) => {
  const web = await backend(t, (request, response) => {
    response.end('ok');
    response.on('finish', () => setTimeout(() => request.socket.resetAndDestroy(), 1));
  });
  const agent = createKept();
  t.after(() => agent.destroy());
  const probe: HttpProbe = {
    kind: 'http',
    url: `http://127.0.0.1:${web.port}/`,
    method: 'GET',
    headers: {},
    status: [[200, 200]],
    tellsRelease: false,
  };
  for (let at = 0; at < 50; at += 1) assert.equal((await lookHttp(probe, { target, agent, signal })).detail, 'answers 200');
});

test('monitor: connections are kept, new at first, on every 15th look and after a failure', async (t) => {
  const [edge, replica] = [await backend(t), await backend(t)];
  const { look: looks } = scene(t, wanted(edge, replica));
  await looks(14); // new (closed again), one that is kept for 13
  assert.deepEqual([edge.connections(), replica.connections()], [2, 2]);
  await looks(2); // the 15th after the first is new
  assert.equal(edge.connections(), 3);
  edge.answer((_request, response) => void response.writeHead(500).end());
  await looks();
  edge.answer(well);
  const before = edge.connections();
  await looks();
  assert.equal(edge.connections(), before + 1);
});

test('lookTcp: takes connections, refuses, or is not there', async (t) => {
  const { port } = await backend(t);
  const at = async (place: { readonly host: string; readonly port: number }): Promise<string> =>
    (await lookTcp(place, { target, signal })).detail;
  assert.equal(await at({ host: '127.0.0.1', port }), 'takes connections');
  assert.equal(await at({ host: 'localhost', port: 1 }), 'refused');
  assert.equal(await at({ host: 'no-such-host.invalid', port }), 'no such name');
});

test('lookTls: who is not trusted, who ends soon, who has ended, who does not speak TLS', async (t) => {
  const made = await certificate(30);
  const server = createTlsServer(made).listen(0, '127.0.0.1');
  await new Promise((resolve) => void server.once('listening', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const at = async (more: object = {}): Promise<string> => {
    const probe = { kind: 'tls', host: '127.0.0.1', port, servername: 'localhost', days: 14, ...more } as const;
    const { outcome, detail } = await lookTls(probe, { target: { timeoutMs: 3000, lateMs: 2500 }, signal });
    return `${outcome} ${detail}`;
  };
  assert.equal(await at(), 'bad not trusted');
  setDefaultCACertificates([made.cert]);
  t.after(() => setDefaultCACertificates(getCACertificates('bundled')));
  assert.match(await at(), /^good valid for (?:29|30) days$/);
  assert.match(await at({ days: 31 }), /^late ends in (?:29|30) days$/);
  assert.equal(await at({ servername: 'other.example' }), 'bad for another name');
  const old = await endedCertificate();
  setDefaultCACertificates([old.cert]);
  server.setSecureContext(old);
  assert.equal(await at(), 'bad the certificate has ended');
  const { port: plain } = await backend(t);
  assert.equal(await at({ port: plain }), 'bad no TLS');
});

test('lookDns: an answer, another than expected, none, and a server that is silent or not there', async (t) => {
  const at = async (server: string, more: object = {}): Promise<string> => {
    const { outcome, detail } = await lookDns({ kind: 'dns', name: 'x.example', type: 'A', server, ...more }, { target, signal });
    return `${outcome} ${detail}`;
  };
  const server = await nameServer(t);
  assert.equal(await at(server), 'good 192.0.2.7');
  assert.equal(await at(server, { expect: '192.0.2.7' }), 'good 192.0.2.7');
  assert.equal(await at(server, { expect: '192.0.2.8' }), 'bad is 192.0.2.7, not 192.0.2.8');
  assert.equal(await at(server, { type: 'TXT' }), 'bad no such record');
  assert.match(await at(await nameServer(t, { silent: true })), /^bad (?:the server does not answer|no answer in 400 ms)$/);
  assert.match(await at('127.0.0.1:1'), /^bad the server is not there$/);
});
