/** Looks into a repository: what a name means, and files at a commit. */

import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { AntlerError } from '../kit/errors.ts';
import { refuseDamaged } from './damage.ts';
import { git, gitBytes } from './git.ts';
import { candidates } from './names.ts';

/** Throws `repos/unknown-ref`. */
export async function resolveName(path: string, name: string, signal: AbortSignal): Promise<string> {
  for (const candidate of candidates(name)) {
    const found = await commitOf(path, candidate, signal);
    if (found !== undefined) return found;
  }
  for (const candidate of candidates(name)) if (await isThere(path, candidate, signal)) await refuseDamaged(path, signal);
  const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name;
  throw new AntlerError('repos/unknown-ref', `Cannot find ${JSON.stringify(shown)} as no branch, tag or commit of that name was pushed`);
}

/** It is written down, readable or not: a ref without a commit is a tag of something else, or damaged. */
async function isThere(path: string, ref: string, signal: AbortSignal): Promise<boolean> {
  if (!ref.startsWith('refs/')) return false;
  const loose = await stat(join(path, ref)).catch(() => undefined);
  if (loose?.isFile() === true) return true;
  const { exitCode } = await git(path, ['show-ref', '--verify', '--quiet', '--', ref], { signal, accept: [1, 128] });
  return exitCode === 0;
}

/** A tag is followed to its commit. */
export async function commitOf(path: string, name: string, signal: AbortSignal): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`];
  const { exitCode, stdout } = await git(path, args, { signal, accept: [1, 128] });
  return exitCode === 0 ? stdout.trim() : undefined;
}

export async function headBranch(path: string, signal: AbortSignal): Promise<string> {
  const { stdout } = await git(path, ['symbolic-ref', '--short', 'HEAD'], { signal });
  return stdout.trim();
}

export interface FileText {
  readonly path: string;
  readonly text: string;
}

/** Ordinary files below `folder`; links and submodules are none. */
export async function readFiles(
  path: string,
  place: { readonly sha: string; readonly folder: string },
  signal: AbortSignal,
): Promise<readonly FileText[]> {
  const folder = place.folder.replace(/\/+$/, '');
  const under = folder === '' || folder === '.' ? [] : [`:(literal)${folder}/`];
  const { stdout } = await git(path, ['ls-tree', '-r', '-z', '--full-tree', place.sha, '--', ...under], { signal });
  const files = parseTree(stdout);
  if (files.length === 0) return [];
  const blobs = await gitBytes(path, ['cat-file', '--batch'], { signal, input: files.map(({ id }) => `${id}\n`).join('') });
  const texts = parseBatch(blobs);
  return files.map((file, index) => ({ path: file.path, text: texts[index] ?? '' }));
}

/** Pure: the answer of `ls-tree -r -z`. */
export function parseTree(text: string): readonly { readonly id: string; readonly path: string }[] {
  return text.split('\0').flatMap((line) => {
    const found = /^100\d{3} blob ([0-9a-f]+)\t([^]+)$/.exec(line);
    return found?.[1] === undefined || found[2] === undefined ? [] : [{ id: found[1], path: found[2] }];
  });
}

/** Pure: the answer of `cat-file --batch`, as text. */
export function parseBatch(bytes: Buffer): readonly string[] {
  const texts: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const size = Number(bytes.toString('latin1', at, end).split(' ')[2]);
    if (end === -1 || !Number.isInteger(size))
      throw new AntlerError('kit/exec-failed', 'Cannot read a file as git does not have its content');
    texts.push(bytes.toString('utf8', end + 1, end + 1 + size));
    at = end + 1 + size + 1;
  }
  return texts;
}
