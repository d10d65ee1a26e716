/** `antler push`: pushes to the instance of this home, with everything said on git's command line; no remote is needed or made. */

import { join } from 'node:path';

import { pathsOf, programPaths } from '../../instance/instance.ts';
import { AntlerError } from '../../kit/errors.ts';
import { personsGit, pushTo } from '../../repos/repos.ts';
import { createClient } from '../client.ts';
import type { Context } from '../command.ts';

export async function run(context: Context): Promise<number> {
  const { args, options, out, json, home, cwd, signal } = context;
  const base = options.text('pull-request');
  if (base !== undefined && args.rest.length > 0)
    throw new AntlerError('cli/usage', 'Cannot push REFs as a pull request: it is of the current branch', { hint: 'Leave the REFs out' });
  const refs = args.rest.length > 0 ? args.rest : [refOf(await branchHere(cwd, signal), base)];
  const { app } = await createClient(context).call('health', {}, signal);
  if (app === null) throw new AntlerError('instance/absent', 'Cannot push as this instance has no app yet');
  const { repos, program } = pathsOf(home);
  const { exitCode } = await pushTo({
    directory: cwd,
    path: join(repos, `${app}.git`),
    program: programPaths(program).antler,
    refspecs: refs,
    force: options.flag('force'),
    wait: !options.flag('no-wait'),
    inherit: true,
    signal,
  });
  const ended = signal.aborted ? 130 : exitCode;
  if (json) out.object({ refs, exitCode: ended });
  return ended;
}

function refOf(branch: string, base: string | undefined): string {
  return base === undefined ? `HEAD:refs/heads/${branch}` : `HEAD:refs/for/${base}/${branch}`;
}

/** Throws `repos/no-checkout`. */
async function branchHere(directory: string, signal: AbortSignal): Promise<string> {
  const git = await personsGit(directory, signal);
  if ((await git('rev-parse', '--git-dir')) === undefined)
    throw new AntlerError('repos/no-checkout', `Cannot push as ${directory} is in no git repository`);
  if ((await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}')) === undefined)
    throw new AntlerError('repos/no-checkout', 'Cannot push as the branch here has no commit yet', { hint: 'Commit something first' });
  const branch = await git('symbolic-ref', '--quiet', '--short', 'HEAD');
  if (branch !== undefined) return branch;
  throw new AntlerError('repos/no-checkout', 'Cannot tell which branch to push as HEAD is detached here', {
    hint: 'Name it: `antler push HEAD:refs/heads/NAME`',
  });
}
