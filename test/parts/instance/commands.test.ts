/** The commands as a person types them: without root, interrupted, `host plan`, `apply` and `undo`, `down` of nothing. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';

import { installProgram, programPaths } from '../../../src/instance/program.ts';
import { askHealth } from '../../../src/instance/health.ts';
import { pathsOf, raise } from '../../../src/instance/instance.ts';
import { exec, type ExecResult } from '../../../src/kit/exec.ts';
import { isAbort } from '../../../src/kit/errors.ts';
import { sample } from './samples.ts';

const MAIN = join(import.meta.dirname, '../../../src/cli/main.ts');
const ANY = Array.from({ length: 255 }, (_, n) => n + 1);

function antler(t: TestContext, cwd: string, words: readonly string[]): Promise<ExecResult> {
  return exec([process.execPath, MAIN, ...words], { signal: t.signal, cwd, accept: ANY });
}

test('up refuses without root and without sudo, before it changes anything', { timeout: 60_000 }, async (t) => {
  const it = await sample(t);
  const folder = await mkdtemp('/var/tmp/ant-n-');
  t.after(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  await chmod(dirname(it.folder), 0o755);
  await installProgram({ program: folder, signal: t.signal }); // a checkout that nobody may read
  const bin = join(folder, 'bin');
  await mkdir(bin);
  for (const name of await readdir('/usr/bin')) if (name !== 'sudo') await symlink(join('/usr/bin', name), join(bin, name));
  const { node, current } = programPaths(folder);
  const words = [
    '/usr/bin/setpriv',
    '--reuid',
    '65534',
    '--regid',
    '65534',
    '--clear-groups',
    node,
    join(current, 'src/cli/main.ts'),
  ] as const;
  const ended = await exec([...words, 'up', '--yes', '--json', '--home', it.home], {
    signal: t.signal,
    cwd: it.folder,
    accept: ANY,
    cleanEnv: true,
    env: { PATH: bin },
  });
  assert.equal(ended.exitCode, 1, ended.stderr);
  assert.equal((JSON.parse(ended.stderr) as { error: { code: string } }).error.code, 'cli/not-root');
  assert.equal(existsSync(it.home), false);
});

test('host plan shows and claims nothing; apply makes it so; plan is empty; undo puts it back', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  const home = ['--home', it.home];
  const plan = await antler(t, it.folder, ['host', 'plan', ...home]);
  assert.equal(plan.exitCode, 2, plan.stderr);
  assert.match(plan.stdout, /^\+ start antler-[0-9a-f]{8}-edge$/m);
  assert.equal(existsSync(it.home), false);
  const apply = await antler(t, it.folder, ['host', 'apply', '--json', ...home]);
  assert.equal(apply.exitCode, 0, apply.stderr);
  assert.deepEqual(
    [(await antler(t, it.folder, ['host', 'plan', ...home])).exitCode, (await antler(t, it.folder, ['host', 'drift', ...home])).exitCode],
    [0, 0],
  );
  assert.equal((await antler(t, it.folder, ['host', 'undo', '--yes', ...home])).exitCode, 0);
  assert.equal((await antler(t, it.folder, ['host', 'plan', ...home])).exitCode, 2);
});

test('up that was interrupted at any moment goes on the next time', { timeout: 300_000 }, async (t) => {
  const it = await sample(t);
  for (const step of ['program', 'machine', 'daemon']) {
    const interrupt = new AbortController();
    const begun = raise({
      ...it,
      portOffset: 0,
      operators: [],
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.step === step && (event.kind === 'output' || step !== 'machine')) interrupt.abort();
      },
    });
    await begun.catch((error: unknown) => assert.ok(isAbort(error) || interrupt.signal.aborted, String(error)));
  }
  await raise({ ...it, portOffset: 0, operators: [], signal: t.signal, onEvent: () => undefined });
  assert.ok((await askHealth(it.home, t.signal)) !== undefined);
});

test('down of nothing is nothing to do, and purge leaves other people’s files alone', { timeout: 60_000 }, async (t) => {
  const it = await sample(t);
  const none = await antler(t, it.folder, ['down', '--purge', '--yes', '--home', dirname(it.folder)]);
  assert.equal(none.exitCode, 0, none.stderr);
  assert.match(none.stdout, /nothing to do/);
  assert.ok(existsSync(join(it.folder, 'antler.config.ts')));
});

test('purge takes the secrets and their key along, and the history, and leaves what is not ours', { timeout: 60_000 }, async (t) => {
  const it = await sample(t);
  const paths = pathsOf(it.home);
  await mkdir(it.home);
  const history = ['', '-wal', '-shm', '.reserve', '.touch'].map((end) => `${paths.metricsDb}${end}`);
  for (const file of [paths.secretsKey, `${paths.secretsKey}.0123abcd.tmp`, paths.platformDb, ...history, join(it.home, 'notes')])
    await writeFile(file, 'x');
  const gone = await antler(t, it.folder, ['down', '--purge', '--yes', '--home', it.home]);
  assert.equal(gone.exitCode, 0, gone.stderr);
  assert.deepEqual(await readdir(it.home), ['notes']);
});
