/** What happened, as GitHub words it: the fields of a trigger and its `github.event`. Pure. */

import { branchOf, ZERO } from './names.ts';
import type { CommitInfo, PullRequest, RefUpdate } from './types.ts';

/** Who and where, for every event. */
export interface EventPlace {
  readonly actor: string;
  /** `owner/name`. */
  readonly repository: string;
  /** `http://antler.localhost`. */
  readonly serverUrl: string;
  readonly defaultBranch: string;
}

/** The fields that start a run (those of the actions room’s `TriggerEvent`). */
export interface RepositoryEvent {
  readonly name: 'push' | 'pull_request';
  readonly ref: string;
  readonly sha: string;
  readonly baseRef?: string;
  readonly headRef?: string;
  readonly actor: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly changed?: readonly string[];
}

export interface PushFacts {
  readonly update: RefUpdate;
  /** The commit that `after` leads to (it may be a tag’s own object); of a deleted ref zeros. */
  readonly sha: string;
  readonly commits: readonly CommitInfo[];
  readonly head: CommitInfo | undefined;
  readonly changed: readonly string[] | undefined;
}

export function toPushEvent(facts: PushFacts, place: EventPlace): RepositoryEvent {
  const { update, sha, changed } = facts;
  const before = update.before ?? ZERO;
  const after = update.after ?? ZERO;
  const url = `${place.serverUrl}/${place.repository}`;
  const payload = {
    ref: update.ref,
    before,
    after,
    created: update.before === undefined,
    deleted: update.after === undefined,
    forced: update.forced,
    base_ref: null,
    compare: `${url}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: facts.commits.map((commit) => commitPayload(commit, url)),
    head_commit: facts.head === undefined ? null : commitPayload(facts.head, url),
    repository: repositoryPayload(place),
    pusher: { name: place.actor },
    sender: userPayload(place.actor),
  };
  return { name: 'push', ref: update.ref, sha, actor: place.actor, payload, ...(changed === undefined ? {} : { changed }) };
}

export interface PullFacts {
  readonly pull: PullRequest;
  /** What the head was before; undefined: it is new. */
  readonly before: string | undefined;
  /** Where the base is now. */
  readonly baseSha: string;
  readonly commits: readonly CommitInfo[];
  readonly head: CommitInfo | undefined;
  readonly changed: readonly string[] | undefined;
}

export function toPullRequestEvent(facts: PullFacts, place: EventPlace): RepositoryEvent {
  const { pull, before, changed } = facts;
  const repo = repositoryPayload(place);
  const [owner = ''] = place.repository.split('/');
  const [title = '', ...rest] = (facts.head?.message ?? pull.topic).split('\n');
  const side = (ref: string, sha: string) => ({ label: `${owner}:${ref}`, ref, sha, user: userPayload(owner), repo });
  const payload = {
    action: pull.opened ? 'opened' : 'synchronize',
    number: pull.number,
    ...(before === undefined ? {} : { before, after: pull.sha }),
    pull_request: {
      number: pull.number,
      state: 'open',
      title,
      body: rest.join('\n').trim() || null,
      draft: false,
      merged: false,
      locked: false,
      user: userPayload(place.actor),
      head: side(pull.topic, pull.sha),
      base: side(pull.base, facts.baseSha),
      commits: facts.commits.length,
      changed_files: changed?.length ?? null,
      html_url: `${place.serverUrl}/${place.repository}/pull/${pull.number}`,
      labels: [],
    },
    repository: repo,
    sender: userPayload(place.actor),
  };
  return {
    name: 'pull_request',
    ref: `refs/pull/${pull.number}/head`,
    sha: pull.sha,
    baseRef: pull.base,
    headRef: pull.topic,
    actor: place.actor,
    payload,
    ...(changed === undefined ? {} : { changed }),
  };
}

function commitPayload(commit: CommitInfo, url: string): Readonly<Record<string, unknown>> {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.timestamp,
    url: `${url}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
  };
}

function repositoryPayload({ repository, serverUrl, defaultBranch }: EventPlace): Readonly<Record<string, unknown>> {
  const [owner = '', name = ''] = repository.split('/');
  const url = `${serverUrl}/${repository}`;
  return {
    name,
    full_name: repository,
    private: true,
    fork: false,
    owner: { ...userPayload(owner), name: owner },
    html_url: url,
    url,
    clone_url: `${url}.git`,
    default_branch: defaultBranch,
    master_branch: defaultBranch,
  };
}

function userPayload(login: string): Readonly<Record<string, unknown>> {
  return { login, type: 'User' };
}

/** Tags have no path filters: nothing is compared. */
export function hasPaths(ref: string): boolean {
  return branchOf(ref) !== undefined;
}
