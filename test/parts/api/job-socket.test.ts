/** A run's own socket over its whole life: what comes through it is the run's, and after its end nothing does. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { linkSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { createJobHandlers, openApi } from '../../../src/api/api.ts';
import { endpoints, type EndpointName } from '../../../src/contract/endpoints.ts';
import type { Releases } from '../../../src/releases/releases.ts';

interface Life extends AsyncDisposable {
  readonly socket: string;
  /** The same socket by another name: what a container keeps of it when its file is gone. */
  readonly mounted: string;
  /** Ends once a build has begun. */
  readonly building: Promise<void>;
}

async function begin(t: TestContext): Promise<Life> {
  const folder = mkdtempSync('/var/tmp/antler-socket-');
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const socket = join(folder, '7-0.sock');
  const began = Promise.withResolvers<void>();
  const api = await openApi({
    socket,
    actor: 'ann (run 7, dev)',
    group: undefined,
    signal: t.signal,
    log: () => undefined,
    handlers: createJobHandlers({
      job: { run: 7, attempt: 1, job: 'dev', ref: 'refs/heads/main', environment: 'dev', stranger: false, actor: 'ann (run 7, dev)' },
      releases: { list: () => [] } as unknown as Releases,
      health: async () => assert.fail('not asked'),
      status: async () => assert.fail('not asked'),
      releaseOf: () => undefined,
      build: async ({ signal }) => {
        began.resolve();
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
      },
    }),
  });
  const mounted = join(folder, 'mounted.sock');
  linkSync(socket, mounted);
  return { socket, mounted, building: began.promise, [Symbol.asyncDispose]: async () => api[Symbol.asyncDispose]() };
}

function request(method: string, path: string, body = ''): string {
  return `${method} ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}

async function ask(path: string, words: string): Promise<string> {
  const socket = connect(path);
  await once(socket, 'connect');
  socket.end(words);
  return text(socket);
}

test('a run’s socket used after its end: open connections are cut, new ones refused, also where its file is still mounted', async (t) => {
  const life = await begin(t);
  assert.match(await ask(life.mounted, request('GET', '/v1/releases')), /^HTTP\/1\.1 200 /);
  const building = connect(life.mounted);
  building.write(request('POST', '/v1/builds', JSON.stringify({ directory: '/' })));
  const idle: Socket = connect(life.mounted);
  await Promise.all([once(idle, 'connect'), life.building]);
  const cut = Promise.all([building, idle].map(async (socket) => once(socket.resume(), 'close')));
  await life[Symbol.asyncDispose]();
  await cut;
  await assert.rejects(ask(life.mounted, request('GET', '/v1/releases')), { code: 'ECONNREFUSED' });
  await assert.rejects(ask(life.socket, request('GET', '/v1/releases')), { code: 'ENOENT' });
});

test('a run’s socket answers what a job may ask, and nothing else that the API knows; no pushes, no fetches', async (t) => {
  await using life = await begin(t);
  const may = new Set<EndpointName>(['health', 'build', 'deploy', 'promote', 'receipt', 'releases', 'release', 'status', 'diff']);
  const refused = (Object.keys(endpoints) as EndpointName[]).filter((name) => !may.has(name));
  assert.ok(refused.includes('exec') && refused.includes('approve') && refused.includes('setSecret') && refused.includes('logs'));
  for (const name of refused) {
    const { method, path } = endpoints[name];
    const answer = await ask(life.mounted, request(method, path.replaceAll(/:\w+/g, 'x'), method === 'GET' ? '' : '{}'));
    assert.match(answer, /"code":"api\/denied"/, name);
  }
  const git = connect(life.mounted);
  git.end('GET /v1/repos/shop/upload HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: antler-git\r\n\r\n');
  assert.doesNotMatch(await text(git), /^HTTP\/1\.1 101/);
});
