/** A build's context: which files it has, their hash, and a copy that the builder may read. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, lchown, lstat, mkdir, readdir, readFile, readlink, symlink, utimes } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import dockerignore from '@balena/dockerignore';

import type { BuildSpec } from '../config/types.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';

export interface ContextFile {
  /** Relative to the context, with `/`. */
  readonly path: string;
  readonly kind: 'file' | 'folder' | 'link';
  readonly executable: boolean;
}

export interface Context {
  readonly folder: string;
  /** The Dockerfile's text. */
  readonly dockerfile: string;
  /** By path, ascending. */
  readonly files: readonly ContextFile[];
}

/** Reads what a build would see. Throws `images/no-dockerfile`. */
export async function readContext(directory: string, build: BuildSpec): Promise<Context> {
  const folder = resolve(directory, build.context);
  const dockerfile = await readOptional(join(folder, build.dockerfile));
  if (dockerfile === undefined) {
    throw new AntlerError('images/no-dockerfile', `Cannot build ${folder} as it has no ${build.dockerfile}`, {
      at: join(folder, build.dockerfile),
    });
  }
  const own = await readOptional(join(folder, `${build.dockerfile}.dockerignore`));
  const rules = dockerignore.default().add(own ?? (await readOptional(join(folder, '.dockerignore'))) ?? '');
  // The builder reads these two itself, whatever the rules say.
  const always = new Set([build.dockerfile, '.dockerignore', `${build.dockerfile}.dockerignore`]);
  const reincludes = (own ?? '').includes('!') || ((await readOptional(join(folder, '.dockerignore'))) ?? '').includes('!');

  const files: ContextFile[] = [];
  const walk = async (under: string): Promise<void> => {
    const entries = await readdir(join(folder, under), { withFileTypes: true });
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`;
      const ignored = !always.has(path) && rules.ignores(path);
      if (entry.isDirectory()) {
        if (!ignored) files.push({ path, kind: 'folder', executable: true });
        // A rule with `!` may bring back what lies below.
        if (!ignored || reincludes || [...always].some((file) => file.startsWith(`${path}/`))) await walk(path);
      } else if (!ignored && entry.isSymbolicLink()) {
        files.push({ path, kind: 'link', executable: false });
      } else if (!ignored && entry.isFile()) {
        files.push({ path, kind: 'file', executable: ((await lstat(join(folder, path))).mode & 0o111) !== 0 });
      }
    }
  };
  await walk('');
  return { folder, dockerfile, files: files.sort((left, right) => (left.path < right.path ? -1 : 1)) };
}

/** sha256 of everything that a build's result follows from, but for its base: same hash, nothing to build. */
export async function contextHash(context: Context, build: BuildSpec): Promise<string> {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ dockerfile: build.dockerfile, base: build.base ?? null, args: Object.entries(build.args).sort(byKey) }));
  for (const file of context.files) {
    const path = join(context.folder, file.path);
    hash.update(`\0${file.kind}\0${file.path}\0${file.executable ? 'x' : '-'}\0`);
    if (file.kind === 'link') hash.update(await readlink(path));
    if (file.kind === 'file') {
      const content = createHash('sha256');
      await pipeline(createReadStream(path), content);
      hash.update(content.digest());
    }
  }
  return hash.digest('hex');
}

function byKey([left]: readonly [string, string], [right]: readonly [string, string]): number {
  return left < right ? -1 : 1;
}

export interface StageOptions {
  /** Host id that will be root in the builder. */
  readonly owner: number;
  readonly signal: AbortSignal;
}

/**
 * Copies the context to `target`: the builder is nobody on the machine and could not read a private checkout,
 * and what is built does not change while somebody edits.
 */
export async function stageContext(context: Context, target: string, options: StageOptions): Promise<void> {
  await mkdir(target, { recursive: true });
  await lchown(target, options.owner, options.owner);
  for (const file of context.files) {
    options.signal.throwIfAborted();
    const from = join(context.folder, file.path);
    const to = join(target, file.path);
    await mkdir(dirname(to), { recursive: true });
    if (file.kind === 'folder') await mkdir(to, { recursive: true });
    if (file.kind === 'link') await symlink(await readlink(from), to);
    if (file.kind === 'file') await copyFile(from, to);
    await lchown(to, options.owner, options.owner);
    if (file.kind === 'link') continue;
    await chmod(to, file.executable ? 0o755 : 0o644); // what git keeps; a checkout's umask is not part of an app
    const { atime, mtime } = await lstat(from);
    await utimes(to, atime, mtime);
  }
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR' || errno === 'EISDIR') return undefined;
    throw error;
  }
}
