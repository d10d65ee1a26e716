/** The event that `antler run` pretends, from the local git and what was typed. Pure. */

import type { LocalGit, Workflow } from '../../actions/local/local.ts';
import type { EventName, TriggerEvent } from '../../actions/types.ts';
import { AntlerError } from '../../kit/errors.ts';

const EVENTS: readonly EventName[] = ['push', 'pull_request', 'workflow_dispatch'];

export function eventName(typed: string | undefined): EventName | undefined {
  if (typed === undefined) return undefined;
  const known = EVENTS.find((name) => name === typed);
  if (known !== undefined) return known;
  throw new AntlerError('cli/usage', `Cannot run for the event \`${typed}\` as it does not come up here`, {
    hint: `Events: ${EVENTS.join(', ')}`,
  });
}

/** `push` where the workflow has it, else the first that it has. */
export function eventOf({ on }: Workflow, asked: EventName | undefined): EventName | undefined {
  const has = EVENTS.filter((name) => on[name] !== undefined);
  return asked === undefined ? has[0] : has.find((name) => name === asked);
}

export interface Pretence {
  readonly name: EventName;
  readonly git: LocalGit;
  readonly actor: string;
  /** Of `--eventpath`. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly changed: readonly string[] | undefined;
}

export function pretend({ name, git, actor, payload, inputs, changed }: Pretence): TriggerEvent {
  const [owner = '', repository = ''] = git.repository.split('/');
  const about = {
    repository: {
      name: repository,
      full_name: git.repository,
      owner: { login: owner, name: owner },
      default_branch: git.defaultBranch,
      private: true,
    },
    sender: { login: actor },
  };
  const base = { name, sha: git.sha, actor, message: git.message, ...(changed === undefined ? {} : { changed }) };
  switch (name) {
    case 'push': {
      const after = {
        ref: git.ref,
        before: git.before ?? '0'.repeat(40),
        after: git.sha,
        forced: false,
        created: git.before === undefined,
        deleted: false,
      };
      const head = { id: git.sha, message: git.message, author: { name: actor } };
      return {
        ...base,
        ref: git.ref,
        payload: { ...about, ...after, pusher: { name: actor }, head_commit: head, commits: [head], ...payload },
      };
    }
    case 'workflow_dispatch': {
      const texts = Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, String(value)]));
      return { ...base, ref: git.ref, payload: { ...about, ref: git.ref, inputs: texts, ...payload } };
    }
    case 'pull_request': {
      const branch = git.ref.replace(/^refs\/heads\//, '');
      const pull = {
        number: 1,
        title: git.message.split('\n')[0],
        head: { ref: branch, sha: git.sha },
        base: { ref: git.defaultBranch, sha: git.before ?? '' },
        user: { login: actor },
      };
      const whole = { ...about, action: 'opened', number: 1, pull_request: pull, ...payload };
      return { ...base, ref: 'refs/pull/1/merge', headRef: branch, baseRef: git.defaultBranch, payload: whole };
    }
    default:
      return name satisfies never;
  }
}
