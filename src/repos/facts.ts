/** From what a push moved to the events that may start runs. */

import { hasCode } from '../kit/errors.ts';
import { hasPaths, toPullRequestEvent, toPushEvent, type EventPlace, type RepositoryEvent } from './events.ts';
import { branchOf, ZERO } from './names.ts';
import { pullNumber } from './pulls.ts';
import type { PullRequest, Pushed, RefUpdate, Repository } from './types.ts';

export interface EventsOptions extends Omit<EventPlace, 'defaultBranch'> {
  readonly signal: AbortSignal;
}

/** One for each branch, tag and pull request that has a commit now; what was deleted starts nothing, as on GitHub. */
export async function eventsOf(repository: Repository, pushed: Pushed, options: EventsOptions): Promise<readonly RepositoryEvent[]> {
  const { signal, ...rest } = options;
  const place = { ...rest, defaultBranch: await repository.defaultBranch(signal) };
  const events: RepositoryEvent[] = [];
  for (const update of pushed.updates) {
    const pull = pushed.pullRequests.find(({ number }) => number === pullNumber(update.ref));
    if (pull !== undefined) events.push(await pullEvent(repository, { pull, update, place }, signal));
    else if (/^refs\/(?:heads|tags)\//.test(update.ref)) events.push(...(await pushEvent(repository, { update, place }, signal)));
  }
  return events;
}

interface About {
  readonly update: RefUpdate;
  readonly place: EventPlace;
}

async function pushEvent(repository: Repository, { update, place }: About, signal: AbortSignal): Promise<readonly RepositoryEvent[]> {
  const { ref, before, after } = update;
  if (after === undefined) return [];
  const sha = await tipOf(repository, after, signal);
  if (sha === undefined) return []; // a tag of something that is no commit
  const newBranch = before === undefined && branchOf(ref) !== place.defaultBranch;
  const onDefault = newBranch && (await tipOf(repository, `refs/heads/${place.defaultBranch}`, signal)) === sha;
  const commits = onDefault ? [] : await repository.commits(before, sha, signal);
  const head = commits.at(-1) ?? (await repository.commits(undefined, sha, signal)).at(-1);
  const changed = hasPaths(ref) ? await repository.changed({ before, after: sha, mergeBase: false }, signal) : undefined;
  return [toPushEvent({ update, sha, commits, head, changed }, place)];
}

async function pullEvent(
  repository: Repository,
  { pull, update, place }: About & { readonly pull: PullRequest },
  signal: AbortSignal,
): Promise<RepositoryEvent> {
  const base = await tipOf(repository, `refs/heads/${pull.base}`, signal);
  const commits = await repository.commits(base, pull.sha, signal);
  const changed = await repository.changed({ before: base, after: pull.sha, mergeBase: true }, signal);
  return toPullRequestEvent({ pull, before: update.before, baseSha: base ?? ZERO, commits, head: commits.at(-1), changed }, place);
}

async function tipOf(repository: Repository, ref: string, signal: AbortSignal): Promise<string | undefined> {
  return repository.resolve(ref, signal).catch((error: unknown) => {
    if (hasCode(error, 'repos/unknown-ref')) return undefined;
    throw error;
  });
}
