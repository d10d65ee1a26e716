/** One push, from the client's first byte to the facts of what it moved. */

import process from 'node:process';

import { AntlerError } from '../kit/errors.ts';
import { refuseDamaged } from './damage.ts';
import { git } from './git.ts';
import { isAncestor } from './history.ts';
import { closeEntry, movesOf, openEntries, openEntry, type Entry, type Move } from './journal.ts';
import { commitOf, headBranch } from './look.ts';
import { branchOf } from './names.ts';
import { pullNumber, readPull } from './pulls.ts';
import { serve } from './serve.ts';
import type { PullRequest, Pushed, ReceiveOptions, Recorder, RefUpdate } from './types.ts';

/** Throws `repos/receive-failed`, `repos/damaged`. */
export async function receivePush(path: string, options: ReceiveOptions): Promise<Pushed> {
  const { signal, actor = 'unknown', record } = options;
  const entry = await openEntry(path, actor);
  try {
    const env = { ANTLER_PUSH: entry.folder, ANTLER_REPOSITORY: path, ANTLER_ACTOR: actor, ANTLER_NODE: process.execPath };
    const end = await serve({ path, name: 'receive-pack', env }, options);
    if (end.diskFull) {
      const words = 'antler: the disk of the machine is full, so nothing was taken. Free some space there, then push again.\n';
      await options.errors(Buffer.from(words)).catch(() => undefined);
    }
    const moves = await movesOf(entry);
    if (moves.length === 0) {
      if (!end.diskFull && !signal.aborted) await refuseIfEmptyHanded(path, end, signal);
      return { updates: [], pullRequests: [] };
    }
    return await settle(path, entry, { record, signal });
  } finally {
    // What was moved and not recorded stays for `recover`.
    if ((await movesOf(entry)).length === 0) await closeEntry(entry);
  }
}

/** A push that moved nothing: refused by git, broken off, or the repository is damaged. */
async function refuseIfEmptyHanded(
  path: string,
  end: { readonly exitCode: number; readonly lines: readonly string[] },
  signal: AbortSignal,
): Promise<void> {
  if (end.exitCode === 0) {
    // Tips without their object are what git trips over; it is asked only of pushes that came to nothing.
    const { exitCode } = await git(path, ['for-each-ref', '--format=%(objecttype)'], { signal, accept: [128] });
    if (exitCode !== 0) await refuseDamaged(path, signal);
    return;
  }
  await refuseDamaged(path, signal);
  throw new AntlerError('repos/receive-failed', `Cannot take the push as git ended with ${end.exitCode}`, { lines: end.lines.slice(-5) });
}

interface SettleOptions {
  readonly record: Recorder | undefined;
  readonly signal: AbortSignal;
}

async function settle(path: string, entry: Entry, { record, signal }: SettleOptions): Promise<Pushed> {
  const moves = await movesOf(entry);
  await followFirstBranch(path, moves, signal);
  const pushed = { updates: await updatesOf(path, moves, signal), pullRequests: await pullsOf(path, moves, signal) };
  await record?.(pushed, entry.actor);
  await closeEntry(entry);
  return pushed;
}

/** Pushes that moved refs while nobody lived long enough to record them. */
export async function recoverPushes(path: string, record: Recorder, signal: AbortSignal): Promise<void> {
  for (const entry of await openEntries(path)) {
    if ((await movesOf(entry)).length === 0) await closeEntry(entry);
    else await settle(path, entry, { record, signal });
  }
}

async function updatesOf(path: string, moves: readonly Move[], signal: AbortSignal): Promise<readonly RefUpdate[]> {
  const updates: RefUpdate[] = [];
  for (const { ref, before, after } of moves) {
    const forced = before !== undefined && after !== undefined && !(await isAncestor(path, [before, after], signal));
    updates.push({ ref, before, after, forced });
  }
  return updates;
}

async function pullsOf(path: string, moves: readonly Move[], signal: AbortSignal): Promise<readonly PullRequest[]> {
  const pulls: PullRequest[] = [];
  for (const { ref, before, after } of moves) {
    const number = pullNumber(ref);
    const wish = number === undefined || after === undefined ? undefined : await readPull(path, number, signal);
    if (number === undefined || after === undefined || wish === undefined) continue;
    pulls.push({ number, ...wish, sha: after, opened: before === undefined });
  }
  return pulls;
}

/** Where the branch that HEAD names does not exist, the first branch that was pushed is the default one. */
async function followFirstBranch(path: string, moves: readonly Move[], signal: AbortSignal): Promise<void> {
  const first = moves.find(({ ref, after }) => after !== undefined && branchOf(ref) !== undefined);
  if (first === undefined || (await commitOf(path, `refs/heads/${await headBranch(path, signal)}`, signal)) !== undefined) return;
  await git(path, ['symbolic-ref', 'HEAD', first.ref], { signal });
}
