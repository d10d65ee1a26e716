/** `up` in a checkout that has workflows: the commit goes to the instance's repository, and its run delivers it. */

import type { RunSummary } from '../contract/runs.ts';
import { programPaths } from '../instance/instance.ts';
import { AntlerError } from '../kit/errors.ts';
import { ensureRemote, personsGit, pushTo, readCheckout } from '../repos/repos.ts';
import type { DeliverOptions } from './deliver.ts';
import { followDelivery, hasWorkflows, planRun, type RunDelivered } from './deliver-run.ts';

export interface DeliverPushOptions extends DeliverOptions {
  /** Folder of the config. */
  readonly directory: string;
  /** The instance's bare repository. */
  readonly repository: string;
  /** `<home>/program`. */
  readonly program: string;
  readonly say: (line: string) => void;
}

interface Head {
  readonly sha: string;
  readonly branch: string;
  /** Files that differ from the commit. */
  readonly changed: number;
}

/** Undefined where nothing of this folder runs by a push: then `up` builds and deploys by itself. */
export async function deliverByPush(options: DeliverPushOptions): Promise<RunDelivered | undefined> {
  const { directory, client, signal, onEvent, say } = options;
  if (!hasWorkflows(directory)) return undefined;
  const head = await readHead(directory, signal);
  if (head === undefined) return undefined;
  const runsNow = async (): Promise<readonly RunSummary[]> => (await client.call('runs', { query: { limit: 200 } }, signal)).runs;
  let plan = planRun(await runsNow(), head.sha);
  if (plan.kind === 'none') {
    const step = { kind: 'step', step: 'push', title: `Push ${head.branch} (${head.sha.slice(0, 7)})` } as const;
    const from = performance.now();
    onEvent({ ...step, time: new Date().toISOString(), state: 'start' });
    await push(options, head);
    onEvent({ ...step, time: new Date().toISOString(), state: 'done', ms: performance.now() - from });
    plan = planRun(await runsNow(), head.sha);
  }
  if (head.changed > 0) say(`${head.changed} ${head.changed === 1 ? 'file is' : 'files are'} not committed: not part of what is delivered`);
  switch (plan.kind) {
    case 'none':
      say(`no workflow runs for a push of ${head.branch}: \`antler workflow explain\` says why`);
      return undefined;
    case 'done': {
      const time = new Date().toISOString();
      onEvent({
        kind: 'step',
        time,
        step: 'run',
        title: `Run ${plan.run.workflow}`,
        state: 'skipped',
        detail: `run ${plan.run.id} has delivered this commit`,
      });
      return { run: await client.call('run', { params: { id: String(plan.run.id) } }, signal), moved: [], waiting: undefined };
    }
    case 'again':
      await client.call('rerun', { params: { id: String(plan.run.id) }, body: { failed: false } }, signal);
      return followDelivery(plan.run.id, options);
    case 'follow':
      return followDelivery(plan.run.id, options);
    default:
      return plan satisfies never;
  }
}

async function push(options: DeliverPushOptions, { branch }: Head): Promise<void> {
  const { directory, repository: path, signal, say } = options;
  const program = programPaths(options.program).antler;
  const remote = await ensureRemote({ directory, path, program, signal });
  if (remote.note !== undefined) say(remote.note);
  const pushed = await pushTo({ directory, path, program, refspecs: [`HEAD:refs/heads/${branch}`], wait: false, signal });
  if (pushed.exitCode === 0) return;
  throw new AntlerError('repos/push-failed', `Cannot push ${branch} to the instance as git refused`, {
    hint: `If its history was rewritten: \`git push --force antler ${branch}\``,
    lines: pushed.lines.slice(-10),
  });
}

/** Undefined where the folder is not the root of a checkout, has no commit or branch, or no workflow in it. */
async function readHead(directory: string, signal: AbortSignal): Promise<Head | undefined> {
  const { commit, branch, root, changed } = await readCheckout(directory, signal);
  if (!root || commit === undefined || branch === undefined) return undefined;
  const git = await personsGit(directory, signal);
  const files = await git('ls-tree', '--name-only', 'HEAD', '.github/workflows/');
  return (files ?? '') === '' ? undefined : { sha: commit, branch, changed };
}
