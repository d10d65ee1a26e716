/** Whether an event starts a workflow, or why not. */

import type { Filters, Workflow } from '../model.ts';
import type { TriggerEvent } from '../types.ts';
import { listMatches } from './patterns.ts';
import { skipWords } from './skip.ts';

export type Decision =
  | { readonly kind: 'runs' }
  /** `the branch dev is not among its branches: main, release/**`. */
  | { readonly kind: 'skipped'; readonly reason: string };

const RUNS: Decision = { kind: 'runs' };
const skipped = (reason: string): Decision => ({ kind: 'skipped', reason });

export function triggers({ on }: Workflow, event: TriggerEvent): Decision {
  if (on[event.name] === undefined) return skipped(`it runs on ${Object.keys(on).join(', ')}, not on ${event.name}`);
  switch (event.name) {
    case 'push':
      return pushDecision(on.push ?? {}, event);
    case 'pull_request':
      return pullRequestDecision(on.pull_request ?? { types: [] }, event);
    case 'workflow_dispatch':
      return RUNS;
    default:
      return event.name satisfies never;
  }
}

function pushDecision(filters: Filters, event: TriggerEvent): Decision {
  if (event.payload['deleted'] === true || /^0+$/.test(event.sha)) return skipped(`${event.ref} was deleted`);
  const [, kind, name = ''] = /^refs\/(heads|tags)\/(.+)$/s.exec(event.ref) ?? [];
  if (kind === undefined) return skipped(`${event.ref} is neither a branch nor a tag`);
  const { branches, branchesIgnore, tags, tagsIgnore } = filters;
  const byRef =
    kind === 'heads'
      ? refDecision({ what: 'branch', name, only: branches, ignore: branchesIgnore, others: tags ?? tagsIgnore })
      : refDecision({ what: 'tag', name, only: tags, ignore: tagsIgnore, others: branches ?? branchesIgnore });
  if (byRef.kind === 'skipped') return byRef;
  const byMessage = messageDecision(event);
  // Paths say nothing of tags.
  return byMessage.kind === 'skipped' || kind === 'tags' ? byMessage : pathDecision(filters, event.changed);
}

function pullRequestDecision(filters: Filters & { readonly types: readonly string[] }, event: TriggerEvent): Decision {
  const { action } = event.payload;
  if (typeof action === 'string' && !filters.types.includes(action))
    return skipped(`what happened to the pull request (${action}) is not among its types: ${filters.types.join(', ')}`);
  const { branches, branchesIgnore } = filters;
  const byBase = refDecision({ what: 'base branch', name: event.baseRef ?? '', only: branches, ignore: branchesIgnore, others: undefined });
  if (byBase.kind === 'skipped') return byBase;
  const byMessage = messageDecision(event);
  return byMessage.kind === 'skipped' ? byMessage : pathDecision(filters, event.changed);
}

interface RefQuestion {
  readonly what: string;
  readonly name: string;
  readonly only: readonly string[] | undefined;
  readonly ignore: readonly string[] | undefined;
  /** The filter for the other kind of ref: where only that one is there, this kind never runs. */
  readonly others: readonly string[] | undefined;
}

function refDecision({ what, name, only, ignore, others }: RefQuestion): Decision {
  if (only !== undefined) {
    if (listMatches(only, name)) return RUNS;
    return skipped(`the ${what} ${name} is not among its ${plural(what)}: ${only.join(', ')}`);
  }
  if (ignore !== undefined) {
    if (!listMatches(ignore, name)) return RUNS;
    return skipped(`the ${what} ${name} is among those that it ignores: ${ignore.join(', ')}`);
  }
  return others === undefined ? RUNS : skipped(`it names no ${plural(what)}, and filters for others: ${others.join(', ')}`);
}

function plural(what: string): string {
  return what.endsWith('branch') ? `${what}es` : `${what}s`;
}

function messageDecision({ message, payload }: TriggerEvent): Decision {
  const commit = payload['head_commit'];
  const inPayload = typeof commit === 'object' && commit !== null && 'message' in commit ? commit.message : undefined;
  const words = skipWords(message ?? (typeof inPayload === 'string' ? inPayload : ''));
  return words === undefined ? RUNS : skipped(`the head commit's message says ${words}`);
}

function pathDecision({ paths, pathsIgnore }: Filters, changed: readonly string[] | undefined): Decision {
  if (changed === undefined) return RUNS; // not known: GitHub lets it through as well
  if (paths !== undefined && !changed.some((file) => listMatches(paths, file)))
    return skipped(`no changed file (${count(changed)}) is among its paths: ${paths.join(', ')}`);
  if (pathsIgnore !== undefined && changed.length > 0 && changed.every((file) => listMatches(pathsIgnore, file)))
    return skipped(`every changed file (${count(changed)}) is among the paths that it ignores: ${pathsIgnore.join(', ')}`);
  return RUNS;
}

function count(changed: readonly string[]): string {
  return changed.length > 3 ? `${changed.slice(0, 3).join(', ')} and ${changed.length - 3} more` : changed.join(', ') || 'there is none';
}
