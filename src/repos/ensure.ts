/** Makes the bare repository where it is absent, its settings as we want them, and remakes one that is damaged. */

import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { hasCode } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { damage, isMarked, ownFolder } from './damage.ts';
import { git, gitArgv, gitEnv } from './git.ts';
import { isRefName } from './names.ts';
import { repositoryConfig } from './settings.ts';

export interface EnsureOptions {
  readonly defaultBranch: string;
  /** No push is under way: what one left behind may go. */
  readonly idle: boolean;
  readonly signal: AbortSignal;
}

export async function ensureRepository(path: string, options: EnsureOptions): Promise<void> {
  const { signal } = options;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  if (options.idle && (await isBroken(path, signal))) await remake(path, options);
  else if (!(await isRepository(path, signal))) await make(path, options);
  const wanted = repositoryConfig();
  const config = join(path, 'config');
  if ((await readFile(config, 'utf8').catch(() => '')) !== wanted) await writeFileAtomic(config, wanted);
  await mkdir(join(ownFolder(path), 'pushes'), { recursive: true, mode: 0o700 });
  if (options.idle) await sweep(path);
}

async function make(path: string, { defaultBranch, signal }: EnsureOptions): Promise<void> {
  const init = ['init', '--quiet', '--bare', '--template=', `--initial-branch=${defaultBranch}`, '--', path];
  await exec([...gitArgv(path), ...init], { signal, env: gitEnv(), cleanEnv: true });
}

async function isRepository(path: string, signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await git(path, ['rev-parse', '--is-bare-repository'], { signal, accept: [128] });
  return exitCode === 0;
}

/** It was marked, or it is a folder that git does not take for a repository. */
async function isBroken(path: string, signal: AbortSignal): Promise<boolean> {
  const entries = await readdir(path).catch(() => []);
  if (entries.length === 0) return false;
  if (!(await isRepository(path, signal))) return true;
  return (await isMarked(path)) && (await damage(path, { signal })) !== undefined;
}

/** The damaged one is kept beside (the last one only); what is whole in it is brought over, ref by ref. */
async function remake(path: string, options: EnsureOptions): Promise<void> {
  const aside = `${path}.damaged`;
  await rm(aside, { recursive: true, force: true });
  await rename(path, aside);
  const head = /^ref: refs\/heads\/(.+)$/m.exec(await readFile(join(aside, 'HEAD'), 'utf8').catch(() => ''))?.[1];
  await make(path, { ...options, defaultBranch: head !== undefined && isRefName(head) ? head : options.defaultBranch });
  await writeFileAtomic(join(path, 'config'), repositoryConfig());
  // By their objects: refs of our own are hidden from a fetch.
  for (const spec of await refsOf(aside, options.signal)) await salvage(path, { from: aside, spec, signal: options.signal });
}

async function refsOf(path: string, signal: AbortSignal): Promise<readonly string[]> {
  const { exitCode, stdout } = await git(path, ['for-each-ref', '--format=+%(objectname):%(refname)'], { signal, accept: [128] });
  return exitCode === 0 ? stdout.split('\n').filter((spec) => spec !== '') : [];
}

async function salvage(
  path: string,
  { from, spec, signal }: { readonly from: string; readonly spec: string; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const checked = ['-c', 'fetch.fsckObjects=true', '-c', 'protocol.file.allow=always', '-c', 'gc.auto=0'];
    await git(path, [...checked, 'fetch', '--quiet', '--no-tags', pathToFileURL(from).href, spec], { signal });
  } catch (error) {
    if (!hasCode(error, 'kit/exec-failed')) throw error; // that one is lost: it is pushed again
  }
}

/** What a push left that was killed in the middle; a huge one leaves gigabytes. */
async function sweep(path: string): Promise<void> {
  const objects = join(path, 'objects');
  for (const name of await readdir(objects).catch(() => [])) {
    if (/^(?:tmp_objdir-)?incoming-/.test(name) || name.startsWith('tmp_objdir-'))
      await rm(join(objects, name), { recursive: true, force: true });
  }
}
