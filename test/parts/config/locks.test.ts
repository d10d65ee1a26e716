/** The locks themselves: a probe runs in the sandbox in place of our own code, so only the kernel and Node say no. */

import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { evaluate } from '../../../src/config/sandbox.ts';

/** Tries everything at once and returns what came of it. */
const PROBE = `
import { writeSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { execFileSync } from 'node:child_process';
writeSync(3, '\\n');
const { default: targets } = await import(process.argv[2]);
const of = (work) => { try { return 'done ' + work(); } catch (error) { return error.code ?? error.message; } };
const dial = (where) => new Promise((resolve) => {
  const socket = connect(where, () => resolve('connected'));
  socket.on('error', (error) => resolve(error.code));
  setTimeout(() => resolve('silence'), 1000).unref();
});
const value = {
  tcp: await dial({ host: '127.0.0.1', port: targets.port }),
  unix: await dial({ path: targets.socket }),
  abstract: await dial({ path: '\\0' + targets.abstract }),
  parent: of(() => process.kill(targets.pid, 0)),
  others: [2, 3, 4, 5, 6, 7, 8].map((pid) => of(() => process.kill(pid, 0))).filter((answer) => answer.startsWith('done')).length,
  shadow: of(() => readFileSync('/etc/shadow').length),
  root: of(() => readdirSync('/').join()),
  write: of(() => writeFileSync('/config/new', 'x')),
  child: of(() => execFileSync('/usr/bin/id')),
  setuid: of(() => process.setuid(0)),
  env: Object.keys(process.env).sort(),
  uid: process.getuid(),
  pid: process.pid,
};
writeSync(3, JSON.stringify({ kind: 'value', value }) + '\\n');
`;

async function listen(t: TestContext, where: number | string): Promise<Server> {
  const server = createServer((socket) => socket.end());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  if (typeof where === 'number') server.listen(where, '127.0.0.1', resolve);
  else server.listen(where, resolve);
  await promise;
  t.after(() => server.close());
  return server;
}

for (const level of ['root', 'user'] as const) {
  test(`evaluate (${level}): no network, no unix socket, no signal, no file, no child reaches out`, async (t) => {
    const folder = await mkdtemp('/var/tmp/antler-locks-');
    t.after(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    const socket = join(folder, 'open.sock');
    const abstract = `antler-${process.pid}-${level}`;
    const tcp = await listen(t, 0);
    await listen(t, socket);
    await listen(t, `\0${abstract}`);
    await chmod(socket, 0o777);
    const address = tcp.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await writeFile(join(folder, 'antler.config.ts'), `export default ${JSON.stringify({ port, socket, abstract, pid: process.pid })};`);
    await writeFile(join(folder, 'evaluate.mjs'), PROBE);

    process.env['ANTLER_TEST_SECRET'] = 'not for a config';
    t.after(() => delete process.env['ANTLER_TEST_SECRET']);
    const { outcome, printed } = await evaluate(join(folder, 'antler.config.ts'), { signal: t.signal, levels: [level], inside: folder });
    assert.equal(outcome?.kind, 'value', printed);
    const seen = outcome.value as Readonly<Record<string, unknown>>;
    assert.match(String(seen['tcp']), /^(?:ENETUNREACH|ECONNREFUSED|EHOSTUNREACH)$/);
    assert.equal(seen['unix'], 'ENOENT');
    assert.equal(seen['abstract'], 'ECONNREFUSED');
    assert.equal(seen['parent'], 'ESRCH');
    assert.equal(seen['others'], 0);
    for (const refused of ['shadow', 'root', 'write', 'child']) assert.equal(seen[refused], 'ERR_ACCESS_DENIED', refused);
    assert.equal(seen['pid'], 1);
    assert.deepEqual(
      seen['env'],
      ['LANG', 'PATH', 'PWD', 'UV_THREADPOOL_SIZE'].filter((key) => (seen['env'] as string[]).includes(key)),
    );
    if (level === 'root') {
      assert.equal(seen['uid'], 65_534);
      assert.equal(seen['setuid'], 'EPERM');
    }
  });
}

test('evaluate: says what a bare child cannot lock, and the child is nobody', async (t) => {
  const folder = await mkdtemp('/var/tmp/antler-bare-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  await writeFile(join(folder, 'antler.config.ts'), 'export default { port: 1, socket: "/none", abstract: "none", pid: 1 };');
  await writeFile(join(folder, 'evaluate.mjs'), PROBE);
  const work = evaluate(join(folder, 'antler.config.ts'), { signal: t.signal, levels: ['plain'], inside: folder });
  const seen = await work.catch((error: unknown) => error);
  // A Node under a 0700 folder cannot be started by nobody: then the config is refused rather than run as root.
  if (seen instanceof Error) assert.match(seen.message, /no sandbox/);
  else assert.ok((await work).unlocked.includes('the network'));
});
