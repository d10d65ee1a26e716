/** ensureRemote with real git, whoever owns the checkout; packCommand as a shell reads it. */

import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { test, type TestContext } from 'node:test';

import { packCommand } from '../../../src/repos/remote.ts';
import { ensureRemote } from '../../../src/repos/repos.ts';
import { personsCheckout, run } from './fixture.ts';

const OWNER = 4242;

test('ensureRemote: four settings, once; the file stays its owner’s; odd paths come back from git as they are', async (t) => {
  if (process.getuid?.() !== 0) return t.skip('needs root');
  const { person, directory, signal } = await house(t);
  const odd = `/opt/it's "odd" \\ $x; 🫎`;
  const options = { directory, path: `${odd}/repos/moose facts.git`, program: `${odd}/antler`, signal };
  await run(['chown', '-R', `${OWNER}:${OWNER}`, directory]);
  assert.deepEqual(await ensureRemote(options), { changed: true, note: undefined });
  const config = join(directory, '.git/config');
  assert.deepEqual([statSync(config).uid, statSync(config).gid], [OWNER, OWNER]);
  const before = readFileSync(config, 'utf8');
  assert.deepEqual(await ensureRemote(options), { changed: false, note: undefined });
  assert.equal(readFileSync(config, 'utf8'), before);
  chownSync(directory, 0, 0);
  await run(['chown', '-R', '0:0', directory]);
  assert.equal(await person.git('remote', 'get-url', 'antler'), options.path);
  assert.equal(await person.git('config', 'remote.antler.receivepack'), packCommand(options.program, 'receive-pack'));
  assert.equal(await person.git('config', 'remote.antler.uploadpack'), packCommand(options.program, 'upload-pack'));
  assert.equal(await person.git('config', 'remote.antler.fetch'), '+refs/heads/*:refs/remotes/antler/*');
  await person.git('config', '--unset', 'remote.antler.uploadpack');
  assert.equal((await ensureRemote(options)).changed, true, 'what somebody took out comes back');
});

test('ensureRemote: a remote antler that leads elsewhere is left alone, with a note', async (t) => {
  const { person, directory, signal } = await house(t);
  await person.git('remote', 'add', 'antler', 'https://example.org/moose.git');
  const before = readFileSync(join(directory, '.git/config'), 'utf8');
  const remote = await ensureRemote({ directory, path: '/srv/repos/moose.git', program: '/srv/antler', signal });
  assert.equal(remote.changed, false);
  assert.match(remote.note ?? '', /leads to https:\/\/example\.org\/moose\.git/);
  assert.equal(readFileSync(join(directory, '.git/config'), 'utf8'), before);
});

test('packCommand: a shell hears the program as one word, and the verb as the next', async (t) => {
  const { directory } = await house(t);
  for (const program of ['/srv/antler', '/srv/a b', "/srv/it's", '/srv/$(touch pwned)`touch pwned`;"\\', '/srv/🫎\nx']) {
    for (const verb of ['receive-pack', 'upload-pack'] as const) {
      const { stdout } = await run(['sh', '-c', `printf '%s|' ${packCommand(program, verb)}`], { cwd: directory });
      assert.equal(stdout, `${program}|${verb}|`);
    }
  }
  assert.deepEqual(readdirSync(directory), ['.git']);
});

async function house(t: TestContext) {
  const directory = mkdtempSync('/var/tmp/antler-remote-');
  chmodSync(directory, 0o755);
  t.after(() => rmSync(directory, { recursive: true }));
  return { directory, person: await personsCheckout(directory), signal: new AbortController().signal };
}
