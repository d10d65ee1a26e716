/** The file of authorized keys of an account, with the modes that sshd insists on. */

import { chmod, lstat, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

import { pathsOf, programPaths } from '../instance/instance.ts';
import { AntlerError, errnoOf } from '../kit/errors.ts';
import { writeFileAtomic } from '../kit/files.ts';
import { poll } from '../kit/wait.ts';
import type { Place } from './authorized-keys.ts';
import type { Context } from './command.ts';

export interface KeysFile {
  readonly user: string;
  readonly path: string;
  /** Latin-1: every byte comes back as it was. */
  readonly text: string;
  readonly place: Place;
  /** One at a time: what the edit gets is what lies there now. True where the file changed. */
  change(edit: (text: string) => string): Promise<boolean>;
}

/** So long an edit may take; an older lock was left by one that was killed. */
const LOCK_MS = 10_000;

/** Of `--user`, else of who called sudo, else of the caller; root becomes that account for good, whose files these are. Throws `repos/key`. */
export async function openKeysFile({ options, home, signal }: Pick<Context, 'options' | 'home' | 'signal'>): Promise<KeysFile> {
  const root = process.getuid?.() === 0;
  const caller = userInfo().username;
  const user = options.text('user') ?? (root ? (process.env['SUDO_USER'] ?? caller) : caller);
  const account = await accountOf(user);
  if (root) become(account);
  const folder = join(account.home, '.ssh');
  const path = join(folder, 'authorized_keys');
  if ((await lstat(path).catch(() => undefined))?.isSymbolicLink() === true)
    throw new AntlerError('repos/key', `Cannot keep keys in ${path} as it is a link`, { hint: 'Put a real file in its place' });
  const failed = (verb: string, cause: unknown): AntlerError =>
    new AntlerError('repos/key', `Cannot ${verb} ${path} as ${user}: ${errnoOf(cause) ?? String(cause)}`, {
      hint: 'Type it as that user, or as root',
      cause,
    });
  const { program } = pathsOf(home);
  const read = async (): Promise<string> =>
    readFile(path, 'latin1').catch((error: unknown) => {
      if (errnoOf(error) === 'ENOENT') return '';
      throw failed('read', error);
    });
  const write = async (text: string): Promise<void> => {
    try {
      // sshd reads nothing that others could have written.
      if (((await stat(folder)).mode & 0o022) !== 0) await chmod(folder, 0o700);
      await writeFileAtomic(path, Buffer.from(text, 'latin1'), { mode: 0o600 });
    } catch (error) {
      throw failed('write', error);
    }
  };
  return {
    user,
    path,
    text: await read(),
    place: { program: latin1(programPaths(program).antler), home: latin1(home) },
    change: async (edit) => {
      await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
        throw failed('write', error);
      });
      await using _lock = await lock(`${path}.antler`, signal).catch((error: unknown) => {
        throw failed('write', error);
      });
      const before = await read();
      const after = edit(before);
      if (after !== before) await write(after);
      return after !== before;
    },
  };
}

/** A file that only one can make. */
async function lock(path: string, signal: AbortSignal): Promise<AsyncDisposable> {
  const take = async (): Promise<true | undefined> => {
    try {
      await (await open(path, 'wx', 0o600)).close();
      return true;
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error;
      const since = (await stat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
      if (Date.now() - since > LOCK_MS) await rm(path, { force: true });
      return undefined;
    }
  };
  await poll(take, { signal, everyMs: 20, timeoutMs: 2 * LOCK_MS, what: `${path}: another key is being written` });
  return { [Symbol.asyncDispose]: async () => rm(path, { force: true }) };
}

function become({ uid, gid }: Account): void {
  process.setgroups?.([gid]);
  process.setgid?.(gid);
  process.setuid?.(uid);
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1');
}

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

async function accountOf(user: string): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const [, , uid, gid, , home = ''] = lines.find(([name]) => name === user) ?? [];
  if (!home.startsWith('/'))
    throw new AntlerError('repos/key', `Cannot find the account ${JSON.stringify(user.slice(0, 60))} on this machine`);
  return { uid: Number(uid), gid: Number(gid), home };
}
