/** What the working tree and its git say, for runs without a daemon. */

import { basename, dirname } from 'node:path';

import { exec } from '../../kit/exec.ts';

export interface LocalGit {
  /** Top of the working tree; where there is no git, the folder itself. */
  readonly root: string;
  readonly isGit: boolean;
  /** False: there is no commit yet. */
  readonly committed: boolean;
  /** The last commit; where there is none, git's name of the empty tree. */
  readonly sha: string;
  readonly ref: string;
  /** The commit before, for path filters; undefined where there is none. */
  readonly before: string | undefined;
  readonly repository: string;
  readonly defaultBranch: string;
  /** Of the last commit. */
  readonly message: string;
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

export async function readGit(folder: string, signal: AbortSignal): Promise<LocalGit> {
  const top = await git(folder, ['rev-parse', '--show-toplevel'], signal);
  if (top === undefined) {
    return {
      root: folder,
      isGit: false,
      committed: false,
      sha: EMPTY_TREE,
      ref: 'refs/heads/main',
      before: undefined,
      repository: `local/${basename(folder) || 'root'}`,
      defaultBranch: 'main',
      message: '',
    };
  }
  const [log, branch, origin] = await Promise.all([
    git(top, ['log', '-1', '--format=%H %P%n%B'], signal),
    git(top, ['symbolic-ref', '--quiet', 'HEAD'], signal),
    git(top, ['config', '--get', 'remote.origin.url'], signal),
  ]);
  const tag = branch === undefined ? await git(top, ['describe', '--tags', '--exact-match'], signal) : undefined;
  const [, head, before, message] = /^(\w+)(?: (\w+))?[^\n]*\n?(.*)$/s.exec(log ?? '') ?? [];
  return {
    root: top,
    isGit: true,
    committed: head !== undefined,
    sha: head ?? EMPTY_TREE,
    ref: branch ?? (tag === undefined ? 'refs/heads/main' : `refs/tags/${tag}`),
    before,
    message: message ?? '',
    repository: repositoryOf(origin, top),
    defaultBranch: 'main',
  };
}

/** `owner/name` of a remote's address, else of the folder. */
export function repositoryOf(origin: string | undefined, root: string): string {
  const found = /([^/:]+)\/([^/]+?)(?:\.git)?\/?$/.exec(origin ?? '');
  if (found !== null && found[1] !== undefined && found[2] !== undefined) return `${found[1]}/${found[2]}`;
  return `${basename(dirname(root)) || 'local'}/${basename(root)}`;
}

/** Undefined where git says no. */
async function git(folder: string, args: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  const { stdout, exitCode } = await exec(['git', '-C', folder, ...args], { signal, accept: [1, 128, 129] });
  const text = stdout.trim();
  return exitCode === 0 && text !== '' ? text : undefined;
}

/** Files that a push of this working tree would bring: against the commit before, changes and new files included. Undefined where there is none. */
export async function changedFiles({ root, before }: LocalGit, signal: AbortSignal): Promise<readonly string[] | undefined> {
  if (before === undefined) return undefined;
  const lists = await Promise.all([
    exec(['git', '-C', root, 'diff', '--name-only', '-z', before, '--'], { signal }),
    exec(['git', '-C', root, 'ls-files', '-z', '--others', '--exclude-standard'], { signal }),
  ]);
  return [...new Set(lists.flatMap(({ stdout }) => stdout.split('\0')).filter((path) => path !== ''))];
}
