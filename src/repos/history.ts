/** What lies between two commits: the commits, and the files that differ. */

import { git } from './git.ts';
import { commitOf } from './look.ts';
import type { CommitInfo } from './types.ts';

/** As many as an event tells of. */
const MOST_COMMITS = 20;

/** Fields end with NUL, which no message can hold. */
const FORMAT = ['%H', '%T', '%an', '%ae', '%cn', '%ce', '%cI', '%B'].join('%x00');

export interface Range {
  readonly before: string | undefined;
  readonly after: string;
}

/** Oldest first, the newest 20. */
export async function listCommits(path: string, { before, after }: Range, signal: AbortSignal): Promise<readonly CommitInfo[]> {
  const known = before === undefined ? await otherTip(path, after, signal) : await commitOf(path, before, signal);
  const args = [
    'log',
    '-z',
    `--max-count=${MOST_COMMITS}`,
    `--format=${FORMAT}`,
    after,
    ...(known === undefined ? [] : [`^${known}`]),
    '--',
  ];
  const { stdout } = await git(path, args, { signal });
  return parseCommits(stdout).toReversed();
}

/** Of a new branch only what the default branch does not have is new. */
async function otherTip(path: string, after: string, signal: AbortSignal): Promise<string | undefined> {
  const tip = await commitOf(path, 'HEAD', signal);
  return tip === after ? undefined : tip;
}

/** Pure: fields of `FORMAT`, commits parted by NUL as well. */
export function parseCommits(text: string): readonly CommitInfo[] {
  const fields = text.split('\0');
  const commits: CommitInfo[] = [];
  for (let at = 0; at + 7 < fields.length; at += 8) {
    const [sha = '', tree = '', name = '', email = '', committer = '', committerEmail = '', timestamp = '', message = ''] = fields.slice(
      at,
      at + 8,
    );
    commits.push({
      sha,
      tree,
      message: message.replace(/\n+$/, ''),
      author: { name, email },
      committer: { name: committer, email: committerEmail },
      timestamp,
    });
  }
  return commits;
}

/** Undefined where there is nothing to compare with: a first push, no common ancestor, a commit that is gone. */
export async function changedFiles(
  path: string,
  range: Range & { readonly mergeBase: boolean },
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { after } = range;
  const before = range.before === undefined ? await otherTip(path, after, signal) : await commitOf(path, range.before, signal);
  if (before === undefined) return undefined;
  // A new branch is compared with where it left the default branch.
  const from = range.mergeBase || range.before === undefined ? await mergeBase(path, [before, after], signal) : before;
  if (from === undefined || (range.before === undefined && from === after)) return undefined;
  const { stdout } = await git(path, ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, after, '--'], { signal });
  return stdout.split('\0').filter((name) => name !== '');
}

async function mergeBase(path: string, [one, other]: readonly [string, string], signal: AbortSignal): Promise<string | undefined> {
  const { exitCode, stdout } = await git(path, ['merge-base', one, other], { signal, accept: [1] });
  return exitCode === 0 ? stdout.trim().split('\n')[0] : undefined;
}

/** Is `old` among the ancestors of `now`? */
export async function isAncestor(path: string, [old, now]: readonly [string, string], signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await git(path, ['merge-base', '--is-ancestor', old, now], { signal, accept: [1, 128] });
  return exitCode === 0;
}
