/** Files and directories on the machine: read, put, put back. */

import { chmod, chown, lstat, mkdir, readFile, readlink, rm, rmdir, symlink } from 'node:fs/promises';
import { dirname, isAbsolute, normalize } from 'node:path';

import { AntlerError, errnoOf } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import { writeFileAtomic } from '../../kit/files.ts';
import type { DirectoryResource, FileResource, PathBefore, PathFact } from '../types.ts';
import { groupName, idsOf, readAccounts, userName, type Accounts } from './accounts.ts';

export async function readPathFact(path: string, accounts: Accounts): Promise<PathFact> {
  const seen = await lstat(path).catch(absent);
  if (seen === undefined) return { kind: 'absent' };
  if (seen.isSymbolicLink()) return { kind: 'link', target: await readlink(path) };
  const owned = { mode: seen.mode & 0o7777, owner: userName(accounts, seen.uid), group: groupName(accounts, seen.gid) };
  if (seen.isDirectory()) return { kind: 'directory', ...owned };
  return seen.isFile() ? { kind: 'file', content: await readFile(path, 'utf8'), ...owned } : { kind: 'other' };
}

export async function applyDirectory(resource: DirectoryResource): Promise<void> {
  const { path, mode } = resource;
  const owner = idsOf(await readAccounts(), resource.owner, resource.group);
  const seen = await readBefore(path);
  if (seen.kind === 'file' || seen.kind === 'link') {
    throw new AntlerError('host/apply-failed', `Cannot make the directory ${path} as there is a ${seen.kind}`, {
      hint: 'Move it away, then type the same again',
    });
  }
  await mkdir(path, { recursive: true });
  await chown(path, owner.uid, owner.gid);
  await chmod(path, mode);
}

export async function applyFile(resource: FileResource, signal: AbortSignal): Promise<void> {
  const { path, mode, content } = resource;
  const owner = idsOf(await readAccounts(), resource.owner, resource.group);
  const seen = await readBefore(path);
  if (seen.kind === 'directory') {
    throw new AntlerError('host/apply-failed', `Cannot write ${path} as there is a directory`, {
      hint: 'Move it away, then type the same again',
    });
  }
  await writeFileAtomic(path, content, { mode, owner });
  await linkInitScript(path, 'defaults', signal);
}

/** Puts back what was there: a directory that is not empty any more stays, it holds what is not ours. */
export async function undoPath(path: string, before: PathBefore, signal: AbortSignal): Promise<void> {
  switch (before.kind) {
    case 'absent':
      await removePath(path, signal);
      return;
    case 'file':
      await writeFileAtomic(path, Buffer.from(before.base64, 'base64'), { mode: before.mode, owner: before });
      return;
    case 'link':
      await rm(path, { force: true });
      await symlink(before.target, path);
      return;
    case 'directory':
      await mkdir(path, { recursive: true });
      await chown(path, before.uid, before.gid);
      await chmod(path, before.mode);
      return;
    default:
      throw before satisfies never;
  }
}

/** Takes a file away, or an empty directory. */
export async function removePath(path: string, signal: AbortSignal): Promise<void> {
  const seen = await lstat(path).catch(absent);
  if (seen === undefined) return;
  if (!seen.isDirectory()) {
    await rm(path, { force: true });
    await linkInitScript(path, 'remove', signal);
    return;
  }
  await rmdir(path).catch((error: unknown) => {
    if (errnoOf(error) !== 'ENOTEMPTY' && errnoOf(error) !== 'EEXIST' && errnoOf(error) !== 'EBUSY') throw error;
  });
}

/** What is at the path, whole enough to put it back. */
export async function readBefore(path: string): Promise<PathBefore> {
  checkPath(path);
  const seen = await lstat(path).catch(absent);
  if (seen === undefined) return { kind: 'absent' };
  if (seen.isSymbolicLink()) return { kind: 'link', target: await readlink(path) };
  const owned = { mode: seen.mode & 0o7777, uid: seen.uid, gid: seen.gid };
  if (seen.isDirectory()) return { kind: 'directory', ...owned };
  if (seen.isFile()) return { kind: 'file', base64: (await readFile(path)).toString('base64'), ...owned };
  throw new AntlerError('host/apply-failed', `Cannot replace ${path} as it is neither a file nor a directory`);
}

/** An init script without its run-level links is never called. */
async function linkInitScript(path: string, verb: 'defaults' | 'remove', signal: AbortSignal): Promise<void> {
  if (dirname(path) !== '/etc/init.d') return;
  const name = path.slice('/etc/init.d/'.length);
  const program = '/usr/sbin/update-rc.d';
  if ((await lstat(program).catch(absent)) === undefined) return;
  await exec(verb === 'remove' ? [program, '-f', name, verb] : [program, name, verb], { signal });
}

function checkPath(path: string): void {
  if (isAbsolute(path) && normalize(path) === path && !path.includes('\0')) return;
  throw new AntlerError('host/apply-failed', `Cannot put something at ${JSON.stringify(path)} as it is not a plain absolute path`);
}

function absent(error: unknown): undefined {
  if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined;
  throw error;
}
