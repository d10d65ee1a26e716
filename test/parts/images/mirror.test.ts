/** Bases where the package mirror is not what it should be: real apt against real addresses where nobody answers, or something else does. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { createBaseMaker } from '../../../src/images/base-maker.ts';
import { readGround } from '../../../src/images/host.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { freePort } from './bench.ts';

/** A server of raw bytes; where `says` is undefined it takes connections and is silent. */
async function listen(t: TestContext, says: string | undefined): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    if (says !== undefined) socket.on('data', () => socket.end(says));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** What making the stem of all bases from this mirror throws. */
async function refusal(t: TestContext, mirror: string): Promise<AntlerError> {
  const home = await mkdtemp('/var/tmp/antler-mirror-');
  t.after(() => rm(home, { recursive: true, force: true }));
  const never = (): never => assert.fail('nothing is built without packages');
  const maker = createBaseMaker({
    home,
    stems: join(home, 'stems'),
    builder: { buildah: async () => never(), own: async () => never() },
    network: 'none',
    nodeBinary: process.execPath,
    packages: async (suite) => ({
      sources: [`deb [trusted=yes] ${mirror}/debian ${suite} main`],
      settings: ['Acquire::http::Timeout "1";', 'Acquire::Retries "0";', 'Acquire::http::Proxy "DIRECT";'],
    }),
  });
  try {
    await maker.makeStem(await readGround(process.execPath, t.signal), { signal: t.signal });
  } catch (error) {
    if (error instanceof AntlerError) return error;
    throw error;
  }
  return assert.fail('it made a base of nothing');
}

const SILENT: Readonly<Record<string, (t: TestContext) => Promise<string>>> = {
  'nobody listens there': async () => `http://127.0.0.1:${await freePort()}`,
  'its name is nobody’s': async () => 'http://mirror.invalid',
  'it takes the connection and says nothing': async (t) => `http://127.0.0.1:${await listen(t, undefined)}`,
};

for (const [why, mirrorOf] of Object.entries(SILENT)) {
  test(`makeStem() throws host/apt-unreachable where ${why}, with apt’s own words and what to type`, { timeout: 60_000 }, async (t) => {
    const mirror = await mirrorOf(t);
    const error = await refusal(t, mirror);
    assert.equal(error.code, 'host/apt-unreachable', error.lines.join('\n'));
    assert.match(error.message, /^Cannot make the stem of all bases as the package mirror does not answer$/);
    assert.ok(
      error.lines.some((line) => line.includes(mirror.replace('http://', ''))),
      error.lines.join('\n'),
    );
    assert.notEqual(error.hint, '');
  });
}

test('makeStem() throws images/base-failed where the mirror answers, but not with packages', { timeout: 60_000 }, async (t) => {
  const port = await listen(t, 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  const error = await refusal(t, `http://127.0.0.1:${port}`);
  assert.equal(error.code, 'images/base-failed', error.lines.join('\n'));
  assert.match(error.lines.join('\n'), /404/);
});
