/** Which commit a folder is at, and whether what lies there is that commit. */

import { exec } from '../kit/exec.ts';
import { hasCode } from '../kit/errors.ts';

export interface Source {
  /** Undefined where the folder is no checkout, or has no commit yet. */
  readonly commit: string | undefined;
  /** Files differ from the commit, also by being new. */
  readonly dirty: boolean;
}

/** The checkout belongs to its user, the daemon is root: git must be told that this is meant. */
const GIT: readonly [string, ...string[]] = [
  'git',
  '-c',
  'safe.directory=*',
  '-c',
  'core.fsmonitor=false',
  '-c',
  'core.hooksPath=/dev/null',
];

export async function readSource(directory: string, signal: AbortSignal): Promise<Source> {
  const git = async (...args: string[]): Promise<string | undefined> => {
    try {
      const { stdout, exitCode } = await exec([...GIT, '-C', directory, ...args], {
        signal,
        accept: [128],
        env: { GIT_OPTIONAL_LOCKS: '0' },
      });
      return exitCode === 0 ? stdout.trim() : undefined;
    } catch (error) {
      if (hasCode(error, 'kit/exec-missing')) return undefined;
      throw error;
    }
  };
  const commit = await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (commit === undefined || commit === '') return { commit: undefined, dirty: true };
  return { commit, dirty: (await git('status', '--porcelain', '--', '.')) !== '' };
}
