/** The `github`, `runner` and `strategy` contexts, and the GITHUB_* and RUNNER_* variables that come of them. Pure. */

import type { RunIdentity, Sandbox, TriggerEvent } from '../types.ts';

export interface GithubFacts {
  readonly workflow: { readonly name: string; readonly path: string };
  readonly event: TriggerEvent;
  readonly identity: RunIdentity;
}

/** What is known before a job has its place; the rest is added there. */
export function githubContext({ workflow, event, identity }: GithubFacts): Record<string, unknown> {
  const [owner = ''] = identity.repository.split('/');
  return {
    token: '',
    // Of actions from elsewhere, which do not run yet.
    action_repository: '',
    action_ref: '',
    ref: event.ref,
    sha: event.sha,
    repository: identity.repository,
    repository_owner: owner,
    repository_id: '1',
    repository_owner_id: '1',
    repositoryUrl: `git://${hostOf(identity.serverUrl)}/${identity.repository}.git`,
    run_id: String(identity.id),
    run_number: String(identity.number),
    run_attempt: String(identity.attempt),
    retention_days: '90',
    actor: event.actor,
    actor_id: '1',
    triggering_actor: event.triggeringActor ?? event.actor,
    workflow: workflow.name,
    workflow_ref: `${identity.repository}/${workflow.path}@${event.ref}`,
    workflow_sha: event.sha,
    head_ref: event.headRef ?? '',
    base_ref: event.baseRef ?? '',
    event_name: event.name,
    event: event.payload,
    server_url: identity.serverUrl,
    api_url: `${identity.serverUrl}/api/v3`,
    graphql_url: `${identity.serverUrl}/api/graphql`,
    ref_name: refName(event.ref),
    ref_type: event.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    ref_protected: false,
    secret_source: 'Actions',
  };
}

/** `main` of `refs/heads/main`, `3/merge` of `refs/pull/3/merge`. */
export function refName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags|pull)\//, '');
}

export type PlaceFacts = Pick<Sandbox, 'name' | 'arch' | 'paths'>;

export function runnerContext(sandbox: PlaceFacts, debug: boolean): Record<string, unknown> {
  return {
    name: sandbox.name,
    os: 'Linux',
    arch: sandbox.arch,
    temp: sandbox.paths.temp,
    tool_cache: sandbox.paths.toolCache,
    workspace: sandbox.paths.workspace,
    environment: 'self-hosted',
    ...(debug ? { debug: '1' } : {}),
  };
}

/** Those keys of `github` that become variables. */
const VARIABLES = (
  'action action_path action_ref action_repository actor actor_id api_url base_ref env event_name event_path ' +
  'graphql_url head_ref job output path ref ref_name ref_protected ref_type repository repository_id ' +
  'repository_owner repository_owner_id retention_days run_attempt run_id run_number server_url sha state ' +
  'step_summary triggering_actor workflow workflow_ref workflow_sha workspace'
).split(' ');

export function githubVariables(github: Readonly<Record<string, unknown>>): Record<string, string> {
  const found: Record<string, string> = { CI: 'true', GITHUB_ACTIONS: 'true' };
  for (const key of VARIABLES) {
    const value = github[key];
    if (typeof value === 'string' || typeof value === 'boolean') found[`GITHUB_${key.toUpperCase()}`] = String(value);
  }
  return found;
}

export function runnerVariables(runner: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(runner).map(([key, value]) => [`RUNNER_${key.toUpperCase()}`, String(value)]));
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
