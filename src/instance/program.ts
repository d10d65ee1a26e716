/** The program in the home: a copy of the code that runs now, so that services do not depend on a checkout that may move, close or go. */

import { createHash } from 'node:crypto';
import { chmodSync, constants, copyFileSync, lstatSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import process from 'node:process';

import { errnoOf } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { writeFileAtomic } from '../kit/files.ts';

/** Where the running code lies: `package.json` is here. */
export const SOURCE_ROOT = join(import.meta.dirname, '../..');

/**
 * A young heap of 1 MB instead of 16, and one thread that collects garbage: the daemon allocates little, and idles in 40 MB less.
 * The host's CA certificates count: behind a proxy that looks into TLS, a public registry would seem out of reach.
 */
export const NODE_FLAGS = ['--max-semi-space-size=1', '--v8-pool-size=1', '--use-system-ca'] as const;

/** What services run; `current` is swapped, their definitions stay. */
export interface ProgramPaths {
  readonly current: string;
  readonly node: string;
  readonly daemon: string;
  /** NODE_COMPILE_CACHE: with it Node neither strips types nor compiles at start, which saves time and 40 MB. */
  readonly cache: string;
  /** The bootstrap, for people: `<home>/program/current/antler status`. */
  readonly antler: string;
}

export function programPaths(program: string): ProgramPaths {
  return programPathsIn(join(program, 'current'));
}

function programPathsIn(current: string): ProgramPaths {
  return {
    current,
    node: join(current, 'bin/node'),
    daemon: join(current, 'src/daemon.ts'),
    cache: join(current, 'cache'),
    antler: join(current, 'antler'),
  };
}

export interface InstallOptions {
  /** `<home>/program`. */
  readonly program: string;
  /** `SOURCE_ROOT` by default. */
  readonly source?: string;
  /** `process.execPath` by default. */
  readonly node?: string;
  readonly signal: AbortSignal;
}

export interface Installed {
  readonly version: string;
  /** False where `current` was this version already. */
  readonly changed: boolean;
}

/** Files beside `src` that make a version; those that are not there are left out. */
const FILES = ['package.json', 'package-lock.json', 'antler', 'LICENSE'];

/** Copies only what is not there yet; a copy that was cut short is never `current`. */
export async function installProgram(options: InstallOptions): Promise<Installed> {
  const { program, signal } = options;
  const source = options.source ?? SOURCE_ROOT;
  const node = options.node ?? process.execPath;
  const version = await versionOf(source, node);
  const current = join(program, 'current');
  if ((await readlink(current).catch(() => undefined)) === version) return { version, changed: false };
  const target = join(program, version);
  if (!(await isThere(target))) {
    const half = `${target}.tmp`;
    await rm(half, { recursive: true, force: true });
    await copyProgram({ source, node, target: half, signal });
    await makePages(half, signal);
    await rename(half, target);
    await warm(target, signal);
  }
  await swapLink(current, version);
  await removeOthers(program, version);
  return { version, changed: true };
}

/** The console's pages, in a process of their own: what strips their types stays in a process's memory. */
async function makePages(target: string, signal: AbortSignal): Promise<void> {
  const { node } = programPathsIn(target);
  const build = join(target, 'src/web/build.ts');
  if (await isThere(build)) await exec([node, build, join(target, 'pages')], { signal, timeoutMs: 60_000 });
}

/** Loads everything once, so that the daemon's first start finds it compiled. Only a saving: a failure shows when the daemon starts. */
async function warm(target: string, signal: AbortSignal): Promise<void> {
  const { node, daemon, cache } = programPathsIn(target);
  try {
    await exec([node, ...NODE_FLAGS, daemon, '--version'], { signal, timeoutMs: 60_000, env: { NODE_COMPILE_CACHE: cache } });
  } catch {
    signal.throwIfAborted();
  }
}

/** Twelve hex digits: the code's content, the locked packages, the Node. Reads what is ours only, so it takes some 20 ms. */
export async function versionOf(source: string, node: string): Promise<string> {
  const hash = createHash('sha256').update(`${process.version} ${process.arch}\n`);
  hash.update(String((await lstat(node)).size));
  for (const file of [...FILES, ...(await sourceFiles(source))]) {
    const text = await readFile(join(source, file)).catch(() => undefined);
    if (text !== undefined) hash.update(`${file}\0${text.length}\0`).update(text);
  }
  return hash.digest('hex').slice(0, 12);
}

async function sourceFiles(source: string): Promise<readonly string[]> {
  const entries = await readdir(join(source, 'src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(source, join(entry.parentPath, entry.name)))
    .sort();
}

interface CopyOptions {
  readonly source: string;
  readonly node: string;
  readonly target: string;
  readonly signal: AbortSignal;
}

/** Owned by root and open to read and run for everybody: the config's sandbox runs as nobody. A link to the checkout would let its owner change what root runs. */
async function copyProgram({ source, node, target, signal }: CopyOptions): Promise<void> {
  await mkdir(join(target, 'bin'), { recursive: true, mode: 0o755 });
  await copyFile(node, join(target, 'bin/node'), constants.COPYFILE_FICLONE);
  await chmod(join(target, 'bin/node'), 0o755);
  for (const file of [...FILES, ...(await sourceFiles(source))]) {
    signal.throwIfAborted();
    if (await isThere(join(source, file))) await copyOne(join(source, file), join(target, file));
  }
  const lock = await readFile(join(source, 'package-lock.json'), 'utf8');
  for (const folder of productionPackages(lock)) {
    signal.throwIfAborted();
    if (await isThere(join(source, folder))) copyPackage(join(source, folder), join(target, folder));
  }
  await tellBootstrap(join(target, 'node_modules'));
}

/** That all is installed, and which Node is its: else the bootstrap would install anew, under a daemon that runs from here. Last, as it compares times. */
async function tellBootstrap(modules: string): Promise<void> {
  for (const [name, text] of Object.entries({ '.package-lock.json': '{}\n', '.antler-node': '../bin/node\n' })) {
    await writeFile(join(modules, name), text);
    await chmod(join(modules, name), 0o644);
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true, mode: 0o755 });
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  await chmod(to, ((await lstat(from)).mode & 0o111) === 0 ? 0o644 : 0o755);
}

/**
 * Without types and source maps, which nobody reads here. One call after the other and not awaited: six thousand small files take a tenth of the
 * processor's time that way.
 */
function copyPackage(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  chmodSync(to, 0o755);
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isSymbolicLink()) symlinkSync(readlinkSync(source), target);
    else if (!entry.isDirectory()) {
      if (!/\.(?:d\.[cm]?ts|map)$/.test(entry.name)) copyFileOpen(source, target);
    } else if (entry.name !== 'node_modules') copyPackage(source, target); // nested ones have their own line in the lock file
  }
}

/** A copy has its source's mode, and a checkout under umask 077 is normal. */
function copyFileOpen(from: string, to: string): void {
  copyFileSync(from, to, constants.COPYFILE_FICLONE);
  const mode = lstatSync(to).mode & 0o777;
  const open = (mode & 0o111) === 0 ? 0o644 : 0o755;
  if (mode !== open) chmodSync(to, open);
}

interface LockFile {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
}

/** `node_modules/…` folders that the program needs at run time, from package-lock.json. Node itself is copied apart. */
export function productionPackages(lock: string): readonly string[] {
  const { packages } = JSON.parse(lock) as LockFile;
  return Object.entries(packages)
    .filter(([path, { dev }]) => path.startsWith('node_modules/') && dev !== true && !/^node_modules\/node-linux-\w+$/.test(path))
    .map(([path]) => path);
}

async function swapLink(link: string, target: string): Promise<void> {
  const beside = `${link}.tmp`;
  await rm(beside, { force: true });
  await symlink(target, beside);
  await rename(beside, link);
}

/** The one before stays: what runs from it (a daemon that is being replaced) may still load files. */
async function removeOthers(program: string, version: string): Promise<void> {
  const previous = await readFile(join(program, 'previous'), 'utf8').catch(() => '');
  for (const name of await readdir(program)) {
    if (/^[0-9a-f]{12}(?:\.tmp)?$/.test(name) && name !== version && name !== previous.trim()) {
      await rm(join(program, name), { recursive: true, force: true });
    }
  }
  await writeFileAtomic(join(program, 'previous'), `${version}\n`);
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}
