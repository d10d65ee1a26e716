/** The built-in `actions/checkout`: the run's own repository, from the machine, without network or token. */

import { existsSync, mkdirSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { AntlerError } from '../../kit/errors.ts';
import { givenInputs, sayUnknown } from './inputs.ts';
import type { Handler, StepContext } from './job-state.ts';

const INPUTS = (
  'repository ref token ssh-key ssh-known-hosts ssh-strict ssh-user persist-credentials path clean filter ' +
  'sparse-checkout sparse-checkout-cone-mode fetch-depth fetch-tags show-progress lfs submodules ' +
  'set-safe-directory github-server-url allow-unsafe-pr-checkout'
).split(' ');

export const checkout: Handler = async (context) => {
  const { job, number, signal, outputs } = context;
  const { sandbox, request } = job;
  const inputs = givenInputs(context);
  await sayUnknown(context, inputs, INPUTS);
  refuse(inputs, request.identity.repository);
  const depth = depthOf(inputs['fetch-depth']);
  const directory = directoryOf(context, inputs['path'] ?? '');
  if (inputs['clean']?.toLowerCase() !== 'false') empty(directory);
  const ref = inputs['ref'] ?? '';
  const done = await request.host.checkout(
    { job: job.key, directory, depth, tags: inputs['fetch-tags']?.toLowerCase() === 'true', ...(ref === '' ? {} : { ref }) },
    signal,
  );
  await sandbox.handOver(directory, signal);
  outputs.set('ref', done.ref);
  outputs.set('commit', done.sha);
  await job.teller.line(number, { kind: 'output', text: `Checked out ${done.sha}${done.ref === '' ? '' : ` (${done.ref})`}` });
  return 'success';
};

/** What we do not do yet is said, never passed over. */
function refuse(inputs: Readonly<Record<string, string>>, repository: string): void {
  const other = inputs['repository'] ?? '';
  const wanted = (name: string): boolean => !['', 'false'].includes((inputs[name] ?? '').toLowerCase());
  const unsupported =
    other !== '' && other.toLowerCase() !== repository.toLowerCase()
      ? `another repository (\`repository: ${other}\`)`
      : ['submodules', 'lfs', 'sparse-checkout', 'filter'].filter((name) => wanted(name)).map((name) => `\`${name}\``)[0];
  if (unsupported === undefined) return;
  throw new AntlerError('actions/unsupported', `Cannot check out as ${unsupported} is not supported yet`);
}

function depthOf(text: string | undefined): number {
  if (text === undefined || text.trim() === '') return 1;
  const depth = Number(text);
  if (Number.isFinite(depth)) return Math.max(0, Math.floor(depth));
  throw new AntlerError('actions/step-failed', `Cannot check out as \`fetch-depth\` is no number: ${text}`);
}

/** On the machine. A link that a step laid in the way must not lead us out of the workspace. */
function directoryOf({ job: { sandbox } }: StepContext, path: string): string {
  const workspace = realpathSync(sandbox.toHost(sandbox.paths.workspace));
  const directory = join(workspace, path);
  const outside = (at: string): boolean => relative(workspace, at).split('/')[0] === '..';
  const deepest = (at: string): string => (existsSync(at) || at === workspace ? realpathSync(at) : deepest(dirname(at)));
  if (outside(directory) || outside(deepest(directory))) {
    throw new AntlerError('actions/step-failed', `Cannot check out into \`${path}\` as that is not below the workspace`);
  }
  return directory;
}

function empty(directory: string): void {
  mkdirSync(directory, { recursive: true });
  for (const name of readdirSync(directory)) rmSync(join(directory, name), { recursive: true, force: true });
}
