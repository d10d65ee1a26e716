/** Secrets from end to end: the real program, the real API, the real vault and its files; what goes in never comes out. */

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

import { createVault } from '../../../src/actions/actions.ts';
import { openApi } from '../../../src/api/api.ts';
import { settingHandlers } from '../../../src/api/settings.ts';
import { apiSocketOf } from '../../../src/contract/routes.ts';
import { systemClock } from '../../../src/kit/clock.ts';
import { AntlerError } from '../../../src/kit/errors.ts';
import { openPlatform } from '../../../src/store/store.ts';

const MAIN = resolve(import.meta.dirname, '../../../src/cli/main.ts');
const VALUE = 'hunter2-Zz-never-shown';

test('antler secrets set, ls, rm: the value goes in by standard input and comes out for a job only', async (t) => {
  const daemon = await createDaemon(t);
  const set = await daemon.antler(['secrets', 'set', 'token', '--env', 'prod'], `${VALUE}\n`);
  assert.deepEqual([set.code, set.stdout, set.stderr], [0, '✓ secret TOKEN of prod is set\n', '']);
  const json = await daemon.antler(['secrets', 'set', 'TOKEN', '--json'], VALUE);
  const { updatedAt, ...rest } = JSON.parse(json.stdout) as { updatedAt: string };
  assert.ok(Date.parse(updatedAt) > 0);
  assert.deepEqual(rest, { name: 'TOKEN', environment: null, actor: 'root' });
  const list = await daemon.antler(['secrets', 'ls']);
  assert.match(list.stdout, /^NAME +ENVIRONMENT +SET +BY\nTOKEN +all +\d+ s ago +root\nTOKEN +prod +\d+ s ago +root\n$/);
  assert.deepEqual(await daemon.vault.secrets.open('prod'), { TOKEN: VALUE });
  const gone = await daemon.antler(['secrets', 'rm', 'TOKEN', '--env', 'prod']);
  assert.equal(gone.stdout, '✓ secret TOKEN of prod is gone\n');
  const again = await daemon.antler(['secrets', 'rm', 'TOKEN', '--env', 'prod']);
  assert.match(again.stderr, /antler secrets rm TOKEN`.*\[actions\/unknown-setting\]/);
  assert.equal((await stat(join(daemon.home, 'secrets.key'))).mode & 0o777, 0o600);
  await daemon.nothingTold();
});

test('antler secrets set --file: to the last byte, and what is no secret’s value is refused without being repeated', async (t) => {
  const daemon = await createDaemon(t);
  const file = join(daemon.home, 'key.pem');
  const pem = `-----BEGIN KEY-----\r\n${VALUE}\n\n`;
  await writeFile(file, pem);
  assert.equal((await daemon.antler(['secrets', 'set', 'KEY', '--file', file])).code, 0);
  assert.deepEqual(await daemon.vault.secrets.open(undefined), { KEY: pem });
  for (const [bytes, says] of [
    [Buffer.concat([Buffer.from(VALUE), Buffer.from([0xff, 0xfe])]), /no text: hand in base64/],
    [Buffer.from(`${VALUE}\0`), /no text: hand in base64/],
    [Buffer.from(VALUE.repeat(2400)), /has 52800 bytes, and 49152 are the most/],
    [Buffer.from(VALUE.repeat(10_000)), /longer than a secret may be/],
    [Buffer.from(''), /is empty/],
  ] as const) {
    await writeFile(file, bytes);
    const refused = await daemon.antler(['secrets', 'set', 'KEY', '--file', file]);
    assert.equal(refused.code, 64);
    assert.match(refused.stderr, says);
  }
  const absent = await daemon.antler(['secrets', 'set', 'KEY', '--file', '/nonexistent']);
  assert.deepEqual([absent.code, /ENOENT/.test(absent.stderr)], [64, true]);
  assert.deepEqual(await daemon.vault.secrets.open(undefined), { KEY: pem });
  await rm(file);
  await daemon.nothingTold();
});

test('antler secrets set: a value among the words is refused before anybody is asked, and not repeated', async (t) => {
  const daemon = await createDaemon(t);
  for (const words of [['TOKEN', VALUE], ['TOKEN', '--', VALUE], [`TOKEN=${VALUE}`], [`TOKEN=${VALUE.repeat(30)}`]]) {
    const { code, stderr, stdout } = await daemon.antler(['secrets', 'set', ...words], 'something\n');
    assert.deepEqual([code, stdout], [64, '']);
    assert.match(stderr, /standard input|no part of the name/);
  }
  assert.deepEqual(daemon.vault.secrets.list(), []);
  await daemon.nothingTold();
});

test('antler secrets set asks at a terminal and shows nothing; many lines, Ctrl-D; then the terminal is as it was', async (t) => {
  const daemon = await createDaemon(t);
  const typed = await daemon.atTerminal('secrets set PEM', `first-${VALUE}\rsecond-${VALUE}\r\u0004`);
  assert.equal(typed.code, 0, typed.stdout);
  assert.match(typed.stdout, /PEM: type or paste the value[^]*secret PEM is set[^]* echo /);
  assert.deepEqual(await daemon.vault.secrets.open(undefined), { PEM: `first-${VALUE}\nsecond-${VALUE}` });
  const left = await daemon.atTerminal('secrets set OTHER', `${VALUE}\u0003`);
  assert.match(left.stdout, /Interrupted[^]*ended 130[^]* echo /);
  assert.equal(daemon.vault.secrets.list().length, 1);
  await daemon.nothingTold();
});

test('antler secrets, variables: an unknown environment is refused and the known ones are named; one that is gone can be emptied', async (t) => {
  const daemon = await createDaemon(t);
  for (const line of ['secrets set A --env production', 'variables set A b --env production', 'secrets rm A --env production']) {
    const { code, stderr } = await daemon.antler(line.split(' '), VALUE);
    assert.equal(code, 64);
    assert.match(stderr, /there are dev, prod\n.*\[releases\/unknown-environment\]/);
  }
  await daemon.vault.secrets.set('A', 'x', { environment: 'gone', actor: 'ana' });
  assert.equal((await daemon.antler(['secrets', 'rm', 'a', '--env', 'gone'])).code, 0);
  await daemon.nothingTold();
});

test('antler variables set, ls, rm: plain, from the words', async (t) => {
  const daemon = await createDaemon(t);
  assert.equal((await daemon.antler(['variables', 'set', 'region', 'north', '--env', 'dev'])).code, 0);
  assert.match((await daemon.antler(['variables', 'ls'])).stdout, /REGION +dev +\d+ s ago +root +north\n$/);
  assert.deepEqual(await daemon.vault.variables.open('dev'), { REGION: 'north' });
  assert.equal((await daemon.antler(['variables', 'rm', 'REGION', '--env', 'dev'])).code, 0);
  assert.deepEqual(await daemon.vault.variables.open('dev'), {});
});

test('PUT /v1/secrets: a request that is broken is refused without repeating what it carried', async (t) => {
  const daemon = await createDaemon(t);
  for (const [path, body] of [
    ['/v1/secrets/TOKEN', `{"value": "${VALUE}"`],
    ['/v1/secrets/TOKEN', `{"value": ["${VALUE}"]}`],
    ['/v1/secrets/TOKEN', `{"${VALUE}": "${VALUE}"}`],
    ['/v1/secrets/TOKEN', `{"value": "${VALUE}", "environment": {"${VALUE}": 1}}`],
    ['/v1/secrets/TOKEN', `{"value": "${VALUE}\\u0000"}`],
    ['/v1/secrets/a-b', `{"value": "${VALUE}"}`],
  ] as const) {
    const answer = await daemon.put(path, body);
    assert.equal(answer.status, 400, answer.body);
    daemon.told.push(answer.body);
  }
  const good = await daemon.put('/v1/secrets/TOKEN', `{"value": "${VALUE}"}`);
  daemon.told.push(good.body);
  assert.equal(good.status, 200);
  await rm(join(daemon.home, 'secrets.key'));
  const failed = await daemon.put('/v1/secrets/TOKEN', `{"value": "${VALUE}"}`);
  assert.match(failed.body, /"actions\/secrets-key"/);
  await daemon.nothingTold();
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function createDaemon(t: TestContext) {
  const home = await mkdtemp('/var/tmp/antler-secrets-');
  await mkdir(join(home, 'run'));
  const store = openPlatform(join(home, 'platform.db'));
  const vault = createVault({ store: store.settings, keyFile: join(home, 'secrets.key'), clock: systemClock });
  const handlers = settingHandlers(vault, (name) => {
    if (name !== 'dev' && name !== 'prod')
      throw new AntlerError('releases/unknown-environment', `Cannot find the environment ${JSON.stringify(name)}: there are dev, prod`);
  });
  /** Everything that anybody could have read: what the program printed, what the daemon logged. */
  const told: string[] = [];
  const api = await openApi({
    handlers, // no other endpoint is called
    socket: apiSocketOf(home),
    group: undefined,
    signal: t.signal,
    log: (line) => void told.push(line),
  });
  t.after(async () => {
    await api[Symbol.asyncDispose]();
    store[Symbol.dispose]();
    await rm(home, { recursive: true });
  });
  const keep = async (child: ChildProcess): Promise<Ended> => {
    assert.ok(child.stdout && child.stderr);
    const over = new Promise<number | null>((done) => void child.on('exit', done));
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), over]);
    told.push(stdout, stderr);
    return { code, stdout, stderr };
  };
  const env = { PATH: process.env['PATH'] ?? '', ANTLER_HOME: home, SHELL: '/bin/sh', TERM: 'xterm' };
  return {
    home,
    vault,
    told,
    antler: async (words: readonly string[], input = ''): Promise<Ended> => {
      const child = spawn(process.execPath, [MAIN, ...words], { cwd: '/', env });
      child.stdin.on('error', () => undefined); // it may end without having read
      child.stdin.end(input);
      return keep(child);
    },
    /** `script` gives it a terminal; the keys are pressed once it asks. */
    atTerminal: async (line: string, keys: string): Promise<Ended> => {
      const command = `'${process.execPath}' '${MAIN}' ${line}; echo "ended $?"; stty -a`;
      const child = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], { cwd: '/', env });
      child.stdout.on('data', function press(chunk: Buffer) {
        if (!chunk.includes('Ctrl-D')) return;
        child.stdout.off('data', press);
        child.stdin.write(keys);
      });
      const ended = await keep(child);
      return ended;
    },
    put: async (path: string, body: string): Promise<{ readonly status: number; readonly body: string }> => {
      const headers = { 'content-type': 'application/json' };
      const asked = request({ socketPath: apiSocketOf(home), method: 'PUT', path, headers });
      const answered = new Promise<Parameters<typeof text>[0] & { statusCode?: number }>((done, failed) => {
        asked.on('response', done).on('error', failed);
      });
      asked.end(body);
      const answer = await answered;
      return { status: answer.statusCode ?? 0, body: await text(answer) };
    },
    nothingTold: async (): Promise<void> => {
      assert.ok(told.length > 0);
      for (const each of told) assert.ok(!each.includes(VALUE.slice(0, 10)), each);
      for (const file of await readdir(home)) {
        if (file === 'run') continue;
        assert.ok(!(await readFile(join(home, file))).includes(VALUE), `${file} holds the value`);
      }
    },
  };
}
