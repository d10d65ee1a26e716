/** The working tree's workflow files, and what git says of it, for commands without a daemon. */

import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';

import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { nearest } from '../../kit/nearest.ts';
import type { EventName, TriggerEvent } from '../types.ts';

const FOLDER = '.github/workflows';

export interface WorkflowFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** The named files, or all of the repository. Throws `actions/no-workflow`. */
export async function workflowFiles(cwd: string, named: readonly string[], signal: AbortSignal): Promise<readonly WorkflowFile[]> {
  const root = await rootOf(cwd, signal);
  const known = await filesIn(join(root, FOLDER));
  const files = named.length > 0 ? named.map((name) => fileOf(name, { cwd, known })) : known;
  if (files.length === 0)
    throw new AntlerError('actions/no-workflow', `Cannot find a workflow as there is no file in ${join(root, FOLDER)}`);
  return Promise.all(
    files.map(async (file) => {
      try {
        return { path: relative(root, file), text: await readFile(file, 'utf8') };
      } catch (cause) {
        const near = nearest(
          basename(file),
          known.map((each) => basename(each)),
        );
        const hint =
          known.length === 0
            ? {}
            : { hint: near === undefined ? `There are: ${known.map((each) => basename(each)).join(', ')}` : `Did you mean ${near}?` };
        throw new AntlerError('actions/no-workflow', `Cannot read ${file} as ${errnoOf(cause) ?? String(cause)}`, { ...hint, cause });
      }
    }),
  );
}

/** A path, or the name of a file in the workflows' folder, with or without its ending, as `antler run` takes it. */
function fileOf(name: string, { cwd, known }: { readonly cwd: string; readonly known: readonly string[] }): string {
  const path = resolve(cwd, name);
  if (existsSync(path) && statSync(path).isFile()) return path;
  return known.find((file) => [basename(file), basename(file).replace(/\.ya?ml$/, '')].includes(name)) ?? path;
}

async function filesIn(folder: string): Promise<readonly string[]> {
  try {
    const names = await readdir(folder);
    return names
      .filter((name) => /\.ya?ml$/.test(name))
      .toSorted()
      .map((name) => join(folder, name));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

export interface EventOptions {
  readonly name: EventName;
  /** A branch, tag or full ref; what is checked out by default. */
  readonly ref: string | undefined;
  /** Of a pull request: where it wants to go. */
  readonly base: string | undefined;
  /** Files that differ since this commit; since the one before by default. */
  readonly since: string | undefined;
  readonly signal: AbortSignal;
}

/** The event as if the commit that is checked out were pushed now. */
export async function eventOf(cwd: string, { name, ref, base, since, signal }: EventOptions): Promise<TriggerEvent> {
  const git = async (...args: readonly string[]): Promise<string | undefined> => {
    const { stdout, exitCode } = await exec(['git', '-C', cwd, ...args], { signal, accept: [1, 128, 129] });
    return exitCode === 0 ? stdout.trim() : undefined;
  };
  const [sha, branch, message] = await Promise.all([
    git('rev-parse', '--verify', '--quiet', 'HEAD'),
    git('symbolic-ref', '--quiet', 'HEAD'),
    git('log', '-1', '--format=%B'),
  ]);
  const full = await fullRef(ref ?? branch ?? 'refs/heads/main', git);
  const isPull = name === 'pull_request';
  const range = isPull ? `${base ?? 'main'}...HEAD` : `${since ?? 'HEAD~1'}..HEAD`;
  const changed = await git('diff', '--name-only', '-z', '--end-of-options', range, '--');
  return {
    name,
    ref: isPull ? 'refs/pull/1/head' : full,
    sha: sha ?? 'f'.repeat(40),
    actor: 'you',
    payload: isPull ? { action: 'opened' } : {},
    ...(isPull ? { baseRef: base ?? 'main', headRef: full.replace('refs/heads/', '') } : {}),
    ...(message === undefined ? {} : { message }),
    ...(changed === undefined ? {} : { changed: changed.split('\0').filter((file) => file !== '') }),
  };
}

/** A tag where there is one of that name and no branch. */
async function fullRef(ref: string, git: (...args: readonly string[]) => Promise<string | undefined>): Promise<string> {
  if (ref.startsWith('refs/')) return ref;
  const exists = async (full: string): Promise<boolean> => (await git('show-ref', '--verify', '--quiet', full)) !== undefined;
  return !(await exists(`refs/heads/${ref}`)) && (await exists(`refs/tags/${ref}`)) ? `refs/tags/${ref}` : `refs/heads/${ref}`;
}

async function rootOf(cwd: string, signal: AbortSignal): Promise<string> {
  const { stdout, exitCode } = await exec(['git', '-C', cwd, 'rev-parse', '--show-toplevel'], { signal, accept: [128] });
  return exitCode === 0 ? stdout.trim() : cwd;
}
