/** What starts runs: each ref that a push moved, recorded; or a person who asks for a workflow. */

import { eventsOf as repositoryEvents } from '../../repos/repos.ts';
import type { Pushed, Repository } from '../../repos/types.ts';
import type { Platform } from '../../store/store.ts';
import type { TriggerEvent } from '../types.ts';

export const SERVER_URL = 'http://antler.localhost';

export interface Cause {
  readonly event: TriggerEvent;
  readonly push: number | undefined;
  /** First line of the head commit's message. */
  readonly title: string;
}

export interface PushCauses {
  readonly store: Platform;
  readonly repository: Repository;
  /** `owner/name`. */
  readonly name: string;
  readonly pushed: Pushed;
  readonly actor: string;
  readonly signal: AbortSignal;
}

export async function pushCauses({ store, repository, name, pushed, actor, signal }: PushCauses): Promise<readonly Cause[]> {
  const ids = new Map(pushed.updates.map((update) => [update.ref, store.runs.addPush({ ...update, actor }).id]));
  const events = await repositoryEvents(repository, pushed, { actor, repository: name, serverUrl: SERVER_URL, signal });
  return Promise.all(
    events.map(async (event) => ({ event, push: ids.get(event.ref), title: await titleOf(repository, event.sha, signal) })),
  );
}

export interface DispatchCause {
  readonly repository: Repository;
  readonly name: string;
  readonly ref: string | undefined;
  readonly actor: string;
  readonly signal: AbortSignal;
}

/** Throws `repos/unknown-ref`. */
export async function dispatchCause({ repository, name, ref, actor, signal }: DispatchCause): Promise<Cause> {
  const branch = ref ?? (await repository.defaultBranch(signal));
  const { sha, full } = await whereIs(repository, branch, signal);
  const [owner = '', short = ''] = name.split('/');
  const payload = {
    ref: full,
    repository: { name: short, full_name: name, owner: { login: owner }, default_branch: await repository.defaultBranch(signal) },
    sender: { login: actor, type: 'User' },
  };
  const event: TriggerEvent = { name: 'workflow_dispatch', ref: full, sha, actor, payload };
  return { event, push: undefined, title: await titleOf(repository, sha, signal) };
}

/** A branch wins over a tag of the same name, as in git. */
async function whereIs(repository: Repository, ref: string, signal: AbortSignal): Promise<{ readonly sha: string; readonly full: string }> {
  if (ref.startsWith('refs/')) return { sha: await repository.resolve(ref, signal), full: ref };
  for (const full of [`refs/heads/${ref}`, `refs/tags/${ref}`]) {
    const sha = await repository.resolve(full, signal).catch(() => undefined);
    if (sha !== undefined) return { sha, full };
  }
  return { sha: await repository.resolve(ref, signal), full: ref };
}

async function titleOf(repository: Repository, sha: string, signal: AbortSignal): Promise<string> {
  const commits = await repository
    .commits(`${sha}^`, sha, signal)
    .catch(async () => repository.commits(undefined, sha, signal).catch(() => []));
  const message = commits.find((each) => each.sha === sha)?.message ?? commits.at(-1)?.message ?? '';
  return (message.split('\n')[0] ?? '').slice(0, 200);
}
