/** The built-in `actions/checkout`: the run's own repository, from the machine, without network or token. */

import { closeSync, existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import process from 'node:process';

import { AntlerError } from '../../kit/errors.ts';
import { capture } from '../../kit/capture.ts';
import { openFolder } from './inside.ts';
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
  const place = placeOf(context, inputs['path'] ?? '');
  const directory = join(place.workspace, ...place.parts);
  await clear(place, { clean: inputs['clean']?.toLowerCase() !== 'false', signal });
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

interface Place {
  readonly workspace: string;
  /** Of the folder below it, without links. */
  readonly parts: readonly string[];
  readonly path: string;
}

/** On the machine. A link that a step laid in the way must not lead us out of the workspace. */
function placeOf({ job: { sandbox } }: StepContext, path: string): Place {
  const workspace = realpathSync(sandbox.toHost(sandbox.paths.workspace));
  const real = (at: string): string => {
    if (at === workspace || existsSync(at)) return realpathSync(at);
    return join(real(dirname(at)), basename(at));
  };
  const wanted = join(workspace, path);
  const isOutside = (at: string): boolean => relative(workspace, at).split('/')[0] === '..';
  if (isOutside(wanted) || isOutside(real(wanted))) throw outside(path);
  const inside = relative(workspace, real(wanted));
  return { workspace, path, parts: inside === '' ? [] : inside.split('/') };
}

/**
 * Makes the folder, and empties it. We may be root, and what an earlier step left running may lay links meanwhile:
 * what is held open is what is emptied, by a program that follows none.
 */
async function clear(
  { workspace, parts, path }: Place,
  { clean, signal }: { readonly clean: boolean; readonly signal: AbortSignal },
): Promise<void> {
  let folder: number;
  try {
    folder = openFolder(workspace, parts);
  } catch {
    throw outside(path);
  }
  try {
    const held = `/proc/${process.pid}/fd/${folder}`;
    for (let left = clean ? 5 : 0; left > 0 && readdirSync(held).length > 0; left--) {
      const { exitCode } = await capture(['find', '.', '-xdev', '-mindepth', '1', '-delete'], { signal, cwd: held, accept: [1] });
      if (exitCode !== 0 && left === 1)
        throw new AntlerError('actions/step-failed', `Cannot empty \`${path || '.'}\` as something writes to it`);
    }
  } finally {
    closeSync(folder);
  }
}

function outside(path: string): AntlerError {
  return new AntlerError('actions/step-failed', `Cannot check out into \`${path}\` as that is not below the workspace`);
}
