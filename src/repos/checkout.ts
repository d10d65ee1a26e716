/** A checkout of its own: real objects, nothing that points back to the bare repository. */

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { exec, type ExecResult } from '../kit/exec.ts';
import { ownFolder } from './damage.ts';
import { gitEnv } from './git.ts';
import { commitOf } from './look.ts';
import { moveInto } from './move.ts';
import { branchOf } from './names.ts';

export interface CheckoutOptions {
  readonly directory: string;
  readonly sha: string;
  /** Full ref; a branch is checked out by its name, all else detached. */
  readonly ref: string | undefined;
  /** 0: the whole history, and all branches. */
  readonly depth: number;
  readonly tags: boolean;
}

export interface CheckoutSource {
  readonly path: string;
  /** What `git remote get-url origin` says in it. */
  readonly origin: string;
}

const FETCH = ['--quiet', '--force', '--no-write-fetch-head', '--no-recurse-submodules', '--no-tags'];

/** Made where no job can reach, then moved: git, run by us, never reads a folder that a job may write to. */
export async function checkOut(source: CheckoutSource, wanted: CheckoutOptions, signal: AbortSignal): Promise<void> {
  const staged = await mkdtemp(join(ownFolder(source.path), 'checkout-'));
  try {
    await fill(source, { ...wanted, directory: staged }, signal);
    await moveInto(staged, wanted.directory);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function fill(source: CheckoutSource, wanted: CheckoutOptions, signal: AbortSignal): Promise<void> {
  const { directory, sha, ref } = wanted;
  const branch = ref === undefined ? undefined : branchOf(ref);
  const inside = async (...args: readonly string[]): Promise<ExecResult> =>
    exec(['git', '-c', `safe.directory=${directory}`, '-c', 'core.hooksPath=/dev/null', ...args], {
      signal,
      cwd: directory,
      env: gitEnv(),
      cleanEnv: true,
    });
  await inside('init', '--quiet', '--template=', `--initial-branch=${branch ?? 'main'}`);
  const moved = ref?.startsWith('refs/tags/') === true && (await commitOf(source.path, ref, signal)) !== sha;
  // One pack, copied: a link or an alternate would be gone in the container, and whoever owns the checkout would own our objects.
  const settings = ['protocol.file.allow=always', 'fetch.unpackLimit=1', 'gc.auto=0', 'maintenance.auto=false'];
  await inside(
    ...settings.flatMap((setting) => ['-c', setting]),
    'fetch',
    ...FETCH,
    ...(wanted.depth > 0 ? [`--depth=${wanted.depth}`] : []),
    pathToFileURL(source.path).href,
    ...refspecs({ ...wanted, moved }),
  );
  await inside('remote', 'add', '--', 'origin', source.origin);
  if (branch === undefined)
    return void (await inside('-c', 'advice.detachedHead=false', 'checkout', '--quiet', '--force', '--detach', sha));
  await inside('checkout', '--quiet', '--force', '--no-track', '-B', branch, sha, '--');
  await inside('config', `branch.${branch}.remote`, 'origin');
  await inside('config', `branch.${branch}.merge`, `refs/heads/${branch}`);
}

/** Pure: what is fetched where, as `actions/checkout` does it. `moved`: the tag is not at this commit any more. */
export function refspecs(wanted: Omit<CheckoutOptions, 'directory'> & { readonly moved: boolean }): readonly string[] {
  const { sha, ref, depth, tags, moved } = wanted;
  const others = [
    ...(depth === 0 ? ['+refs/heads/*:refs/remotes/origin/*'] : []),
    ...(depth === 0 || tags ? ['+refs/tags/*:refs/tags/*'] : []),
  ];
  if (ref?.startsWith('refs/heads/') === true) {
    // The branch may have moved on: the run is about its own commit.
    return depth === 0 ? [sha, ...others] : [`+${sha}:refs/remotes/origin/${ref.slice('refs/heads/'.length)}`, ...others];
  }
  if (ref?.startsWith('refs/tags/') === true) {
    if (moved) return [`+${sha}:${ref}`, ...others.filter((spec) => !spec.startsWith('+refs/tags/'))];
    return others.some((spec) => spec.startsWith('+refs/tags/')) ? [sha, ...others] : [`+${ref}:${ref}`, ...others];
  }
  if (ref?.startsWith('refs/') === true) return [`+${sha}:refs/remotes/${ref.slice('refs/'.length)}`, ...others];
  return [sha, ...others];
}
