/** git in a person's checkout: as its owner, so that nothing that its config names (filters, monitors, hooks) ever runs as root. */

import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';

import { hasCode } from '../kit/errors.ts';
import { exec } from '../kit/exec.ts';

/** The output without its last line end; undefined where git says no, or is not there. */
export type PersonsGit = (...args: readonly string[]) => Promise<string | undefined>;

export interface CheckoutState {
  /** Undefined where the folder is in no checkout, or there is no commit yet. */
  readonly commit: string | undefined;
  /** Undefined where HEAD is detached. */
  readonly branch: string | undefined;
  /** The folder is the checkout's root. */
  readonly root: boolean;
  /** How many files below the folder differ from the commit, also by being new. */
  readonly changed: number;
}

/** No hook or monitor of it runs, and looking changes nothing. */
const SETTINGS = ['safe.directory=*', 'core.fsmonitor=false', 'core.hooksPath=/dev/null'];

export async function personsGit(directory: string, signal: AbortSignal): Promise<PersonsGit> {
  const { argv, env } = await ownerOf(directory);
  const before = [...argv, 'git', ...SETTINGS.flatMap((setting) => ['-c', setting]), '-C', directory];
  return async (...args) => {
    try {
      const { stdout, exitCode } = await exec([...before, ...args] as [string, ...string[]], {
        signal,
        accept: [1, 2, 5, 128],
        env: { ...env, GIT_OPTIONAL_LOCKS: '0' },
      });
      return exitCode === 0 ? stdout.replace(/\n$/, '') : undefined;
    } catch (error) {
      if (hasCode(error, 'kit/exec-missing')) return undefined;
      throw error;
    }
  };
}

export async function readCheckout(directory: string, signal: AbortSignal): Promise<CheckoutState> {
  const git = await personsGit(directory, signal);
  const [commit, branch, prefix] = await Promise.all([
    git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}'),
    git('symbolic-ref', '--quiet', '--short', 'HEAD'),
    git('rev-parse', '--show-prefix'),
  ]);
  if (commit === undefined || commit === '') return { commit: undefined, branch, root: prefix === '', changed: 0 };
  const status = await git('status', '--porcelain', '-z', '--no-renames', '--', '.');
  // What cannot be looked at is not said to be the commit.
  const changed = status === undefined ? 1 : status.split('\0').filter((entry) => entry !== '').length;
  return { commit, branch, root: prefix === '', changed };
}

interface Owner {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Root works in the name of whoever owns the checkout, with that person's settings. */
async function ownerOf(directory: string): Promise<Owner> {
  if (process.getuid?.() !== 0) return { argv: [], env: {} };
  const { uid, gid } = await stat(join(directory, '.git')).catch(async () => stat(directory));
  if (uid === 0) return { argv: [], env: {} };
  const account = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n').find((line) => line.split(':')[2] === String(uid));
  return {
    argv: ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', '--'],
    env: { HOME: account?.split(':')[5] ?? '/nonexistent' },
  };
}
