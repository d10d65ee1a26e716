/** `./antler` on machines that lack this or that: real sh, real files; apt, sudo and mostly npm are stubs that write down what they were told. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { test, type TestContext } from 'node:test';

const ROOT = resolve(import.meta.dirname, '../../..');
const NOBODY = 65_534;
/** What a minimal Debian has and the bootstrap uses. */
const TOOLS = ['sh', 'readlink', 'id', 'env', 'flock', 'chown', 'cat', 'mkdir', 'ln', 'touch', 'sleep', 'cp', 'chmod', 'bash'];

test('antler installs once from a fresh clone, from any folder, through a symlink, with spaces in the path', async (t) => {
  const machine = await createMachine(t);
  await machine.stubNpm();
  const link = join(machine.root, 'a link');
  await symlink('clone of antler/antler', link);
  const first = await machine.run(link, ['--version'], { cwd: '/' });
  assert.match(first.stdout, /^antler \d/);
  assert.match(first.stderr, /npm ci/);
  assert.equal(first.code, 0);
  assert.deepEqual(await machine.told(), ['npm ci --omit=dev --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error']);
  for (const [file, cwd] of [
    ['./antler', machine.clone],
    ['../antler', join(machine.clone, 'src')],
    [link, '/'],
  ] as const) {
    const again = await machine.run(file, ['--version'], { cwd });
    assert.equal(again.stderr, '');
    assert.equal(again.code, 0);
  }
  assert.equal((await machine.told()).length, 1);
});

test('antler needs nothing from PATH when nothing is to do', async (t) => {
  const machine = await createMachine(t);
  await machine.stubNpm();
  await machine.run('./antler', ['--version']);
  const again = await machine.run('./antler', ['--version'], { path: '/nonexistent' });
  assert.deepEqual([again.code, again.stderr], [0, '']);
});

test('antler installs again when package-lock.json is newer, and keeps the tools of who works on it', async (t) => {
  const machine = await createMachine(t);
  await machine.stubNpm();
  await machine.run('./antler', ['--version']);
  const soon = Date.now() / 1000 + 60;
  await utimes(join(machine.clone, 'package-lock.json'), soon, soon);
  await mkdir(join(machine.clone, 'node_modules/typescript'));
  await machine.run('./antler', ['--version']);
  const told = await machine.told();
  assert.equal(told.length, 2);
  assert.match(told[1] ?? '', /^npm ci --include=dev /);
});

for (const [version, wanted] of [
  ['v24.12.0', 'there'],
  ['v26.0.1', 'there'],
  ['v24.11.9', 'pinned'],
  ['v20.20.2', 'pinned'],
  ['nonsense', 'pinned'],
] as const) {
  test(`antler uses the Node ${version} that is there: ${wanted}`, async (t) => {
    const machine = await createMachine(t);
    await machine.stubNpm();
    await machine.stub('node', `if [ "$1" = --version ]; then echo ${version}; else echo there "$@"; fi`);
    for (const _ of ['found', 'recorded']) {
      const { stdout } = await machine.run('./antler', ['--version']);
      assert.match(stdout, wanted === 'there' ? /^there .*src\/cli\/main\.ts --version$/m : /^antler \d/);
    }
  });
}

test('antler as root installs the system’s npm without asking where there is none', async (t) => {
  const machine = await createMachine(t);
  await machine.stubApt();
  const { code, stderr } = await machine.run('./antler', ['--version']);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /installing the system package npm/);
  const told = await machine.told();
  assert.match(told.find((line) => line.includes('install')) ?? '', /^apt-get .*install -y --no-install-recommends npm$/);
});

test('antler with --yes goes through sudo, with argv only', async (t) => {
  const machine = await createMachine(t, NOBODY);
  await machine.stubApt();
  await machine.stub('sudo', 'echo "sudo $*" >>"$LOG"; shift; exec "$@"');
  const { code, stderr } = await machine.run('./antler', ['version', '--yes'], { uid: NOBODY });
  assert.equal(code, 64, stderr); // `version` takes no --yes: the bootstrap went all the way
  assert.match((await machine.told())[0] ?? '', /^sudo -- env .*apt-get /);
});

test('antler asks before sudo, and takes no for an answer', async (t) => {
  const machine = await createMachine(t, NOBODY);
  await machine.stubApt();
  await machine.stub('sudo', 'echo "sudo $*" >>"$LOG"; shift; exec "$@"');
  // `script` gives it a terminal.
  const asked = ['-qec', './antler --version', '/dev/null'];
  const no = await machine.run('/usr/bin/script', asked, { uid: NOBODY, input: 'n\n' });
  assert.match(no.stdout, /\[Y\/n\][^]*instance\/declined/);
  assert.equal(no.code, 1);
  assert.deepEqual(await machine.told(), []);
  const yes = await machine.run('/usr/bin/script', asked, { uid: NOBODY, input: 'y\n' });
  assert.equal(yes.code, 0, yes.stdout);
  assert.match((await machine.told())[0] ?? '', /^sudo /);
});

test('antler without root, sudo, terminal or apt says what to type', async (t) => {
  const machine = await createMachine(t, NOBODY);
  const refused = async (code: string, args: readonly string[] = []): Promise<void> => {
    const plain = await machine.run('./antler', ['status', ...args], { uid: NOBODY });
    assert.equal(plain.code, 1);
    assert.ok(plain.stderr.includes(`[${code}]`), plain.stderr);
    const json = await machine.run('./antler', ['status', '--json', ...args], { uid: NOBODY });
    assert.equal(json.code, 1);
    assert.equal(json.stdout, '');
    const { error } = JSON.parse(json.stderr) as { error: { code: string; message: string; hint: string } };
    assert.equal(error.code, code);
    assert.match(error.message, /^Cannot .* as /);
  };
  await refused('host/unsupported');
  await machine.stubApt();
  await refused('cli/not-root');
  await machine.stub('sudo', 'echo "sudo $*" >>"$LOG"; exit 1');
  await refused('cli/not-root');
  assert.deepEqual(await machine.told(), []);
});

test('antler names npm when it fails, and keeps standard output clean', async (t) => {
  const machine = await createMachine(t);
  await machine.stub('npm', 'echo some words; exit 7');
  const { code, stdout, stderr } = await machine.run('./antler', ['status']);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /some words[^]*cli\/npm-failed/);
});

test('two antlers at once install once', async (t) => {
  const machine = await createMachine(t);
  await machine.stubNpm('sleep 0.3');
  const both = await Promise.all([machine.run('./antler', ['--version']), machine.run('./antler', ['--version'])]);
  assert.deepEqual(
    both.map(({ code }) => code),
    [0, 0],
  );
  assert.equal((await machine.told()).length, 1);
});

test('antler as root in somebody’s clone leaves what it made to them', async (t) => {
  const machine = await createMachine(t, NOBODY);
  await machine.stubNpm();
  const { code } = await machine.run('./antler', ['--version']);
  assert.equal(code, 0);
  assert.equal((await stat(join(machine.clone, 'node_modules/.package-lock.json'))).uid, NOBODY);
  const theirs = await machine.run('./antler', ['--version'], { uid: NOBODY });
  assert.deepEqual([theirs.code, theirs.stderr], [0, '']);
});

test('antler on a fresh clone, for real: npm brings the pinned Node and the libraries, without the tools', async (t) => {
  const machine = await createMachine(t);
  const { code, stdout, stderr } = await machine.run('./antler', ['version', '--json'], { path: '/usr/local/bin:/usr/bin:/bin' });
  assert.equal(code, 0, stderr);
  assert.match((JSON.parse(stdout) as { node: string }).node, /^2[4-9]\./);
  const modules = await readdir(join(machine.clone, 'node_modules'));
  assert.ok(modules.includes('zod'));
  assert.ok(!modules.includes('typescript'));
  assert.equal((await readFile(join(machine.clone, 'node_modules/.antler-node'), 'utf8')).trim(), `node-linux-${process.arch}/bin/node`);
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly path?: string;
  readonly uid?: number;
  readonly input?: string;
}

/** A clone without node_modules and a PATH without node, npm, apt and sudo. */
async function createMachine(t: TestContext, owner = 0) {
  const root = await mkdtemp('/var/tmp/antler-bootstrap-');
  t.after(() => rm(root, { recursive: true, force: true }));
  await chmod(root, 0o755);
  const clone = join(root, 'clone of antler');
  const bin = join(root, 'bin');
  const log = join(root, 'log');
  await mkdir(bin);
  await mkdir(join(clone, 'src'), { recursive: true });
  for (const file of ['antler', 'package.json', 'package-lock.json', '.npmrc']) await cp(join(ROOT, file), join(clone, file));
  for (const room of ['cli', 'kit', 'contract']) await cp(join(ROOT, 'src', room), join(clone, 'src', room), { recursive: true });
  for (const tool of TOOLS) await symlink(await which(tool), join(bin, tool));
  await writeFile(log, '');
  await chmod(log, 0o666);
  await chmod(bin, 0o777); // the apt stub "installs" npm there
  if (owner !== 0) await chownTree(clone, owner);
  const home = join(root, 'home');
  await mkdir(home);

  const stub = async (name: string, body: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\nset -eu\n${body}\n`, { mode: 0o755 });
  };
  // The pinned Node is somewhere under /root here, where nobody else may go: hand a copy out.
  const node = join(root, 'node');
  await cp(process.execPath, node);
  const npmBody = (extra: string): string => `echo "npm $*" >>"$LOG"
mkdir -p node_modules/node-linux-${process.arch}/bin
ln -sf ${node} node_modules/node-linux-${process.arch}/bin/node
${extra}
touch node_modules/.package-lock.json`;

  return {
    root,
    clone,
    stub,
    stubNpm: async (extra = ''): Promise<void> => stub('npm', npmBody(extra)),
    stubApt: async (): Promise<void> => {
      await writeFile(join(root, 'npm'), `#!/bin/sh\nset -eu\n${npmBody('')}\n`, { mode: 0o755 });
      await stub('apt-get', `echo "apt-get $*" >>"$LOG"; case "$*" in *install*) cp ${root}/npm ${bin}/npm; chmod 755 ${bin}/npm ;; esac`);
    },
    told: async (): Promise<string[]> => (await readFile(log, 'utf8')).split('\n').filter((line) => line !== ''),
    run: async (file: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> => {
      const { cwd = clone, path = bin, uid, input = '' } = options;
      const child = spawn(file, args, {
        cwd,
        env: {
          PATH: path,
          LOG: log,
          HOME: uid === undefined ? (process.env['HOME'] ?? home) : home,
          SHELL: '/bin/sh',
          XDG_CACHE_HOME: join(root, 'cache'),
        },
        ...(uid === undefined ? {} : { uid, gid: uid }),
      });
      child.stdin.on('error', () => undefined); // it may end without having read
      child.stdin.end(input);
      const ended = new Promise<number | null>((resolve, reject) => void child.on('error', reject).on('exit', resolve));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
  };
}

async function which(tool: string): Promise<string> {
  const places = ['/usr/bin', '/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)].map((folder) => join(folder, tool));
  for (const place of places) if (await stat(place).catch(() => undefined)) return place;
  throw new Error(`no ${tool}`);
}

async function chownTree(folder: string, owner: number): Promise<void> {
  await chown(folder, owner, owner);
  for (const name of await readdir(folder, { recursive: true })) await chown(join(folder, name), owner, owner);
}
