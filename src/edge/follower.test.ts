/** The follower against sockets that answer as HAProxy does on a machine that is slow. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { test, type TestContext } from 'node:test';

import { edgePaths } from './command.ts';
import { createFollower, type Follower } from './follower.ts';
import { createRuntime } from './runtime.ts';

const WORKER = 77;
const line = (n: number): string => `${WORKER} ${n} dev:backend r1.0.1 200 5 3 --`;

/** `ring`: how the worker answers who follows it. */
async function followed(t: TestContext, ring: (socket: Socket) => Promise<void>, memory?: object): Promise<Follower> {
  const folder = await mkdtemp(join(tmpdir(), 'antler-follower-'));
  const paths = edgePaths(folder);
  const sockets: Socket[] = [];
  for (const path of [paths.masterSocket, paths.runtimeSocket]) {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', (data) => {
        if (path === paths.masterSocket) socket.end(`1 master 0\n# workers\n${WORKER} worker 0\n`);
        else if (String(data).includes('show events')) void ring(socket);
        else socket.end('# pxname,svname\n');
      });
    }).listen(path);
    await once(server, 'listening');
    t.after(() => server.close());
  }
  const memoryFile = join(folder, 'memory.json');
  if (memory !== undefined) await writeFile(memoryFile, JSON.stringify(memory));
  const runtime = createRuntime(paths);
  const follower = createFollower({ runtime, memoryFile, serving: () => true, onTraffic: undefined, onProblem: undefined });
  t.after(async () => {
    await follower[Symbol.asyncDispose]();
    for (const socket of sockets) socket.destroy();
    await rm(folder, { recursive: true, force: true });
  });
  return follower;
}

test('createFollower(): a worker that takes half a second to say who it is is followed', async (t) => {
  const follower = await followed(t, async (socket) => {
    await delay(500);
    socket.write(`Name: HAProxy\nPid: ${WORKER}\n\n${line(1)}\n`);
  });
  await follower.refresh(AbortSignal.timeout(3000));
  assert.equal(follower.totals()[0]?.served, 1);
});

test('createFollower(): a ring that comes late and in pieces is not counted again', async (t) => {
  const told = async (socket: Socket): Promise<void> => {
    await delay(400);
    socket.write(`Pid: ${WORKER}\n\n${line(1)}\n`);
    await delay(200);
    socket.write(`${line(2)}\n`);
    await delay(200);
    socket.write(`${line(3)}\n${line(4)}\n`);
  };
  const follower = await followed(t, told, { counts: {}, last: { [WORKER]: line(3) } });
  await follower.refresh(AbortSignal.timeout(3000));
  await delay(600);
  assert.equal(follower.totals()[0]?.served, 1);
});
