/** What a run needs from its host where there is no daemon: secrets that were typed, jobs on this machine, the working tree. */

import { existsSync } from 'node:fs';

import { AntlerError } from '../../kit/errors.ts';
import { exec } from '../../kit/exec.ts';
import type { CheckedOut, CheckoutRequest, RunHost, RunLine, RunRecord, Sandbox, SandboxRequest } from '../types.ts';
import { copyTree } from './copy.ts';
import { createGroups } from '../runs/groups.ts';
import type { LocalGit } from './git.ts';

export interface LocalHostOptions {
  readonly git: LocalGit;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly origin: string;
  readonly record: (event: RunRecord) => void;
  readonly line: (line: RunLine) => Promise<void> | undefined;
  /** The seam to other modes. */
  readonly openSandbox: (request: SandboxRequest, signal: AbortSignal) => Promise<Sandbox>;
}

/** Jobs for these run here, whatever version they name: it is this machine. */
const SERVED = /^(?:self-hosted|linux|x64|arm64|ubuntu(?:-latest|-\d\d\.\d\d|-slim)(?:-arm)?)$/i;

export function createLocalHost(options: LocalHostOptions): RunHost {
  const groups = createGroups();
  return {
    record: async (event) => options.record(event),
    line: (line) => options.line(line),
    // Nobody but the one who typed it is asked.
    gate: async () => ({}),
    secrets: async () => options.secrets,
    vars: async () => options.vars,
    sandbox: async (request, signal) => {
      refuseLabels(request.labels);
      return options.openSandbox(request, signal);
    },
    enter: async (request, signal) => groups.enter({ ...request, who: request.job ?? 'a newer run' }, signal),
    checkout: async (request, signal) => checkoutTree(options, request, signal),
  };
}

function refuseLabels(labels: readonly string[]): void {
  const unknown = labels.find((label) => !SERVED.test(label));
  if (labels.length > 0 && unknown === undefined) return;
  const which = unknown === undefined ? '`runs-on` is empty' : `no runner here serves the label \`${unknown}\``;
  throw new AntlerError('actions/no-runner', `Cannot run the job as ${which}`);
}

async function checkoutTree(
  { git, origin }: LocalHostOptions,
  { directory, ref }: CheckoutRequest,
  signal: AbortSignal,
): Promise<CheckedOut> {
  const own = ref === undefined || [git.ref, git.sha, git.ref.replace(/^refs\/(?:heads|tags)\//, '')].includes(ref);
  await copyTree({ from: git, to: directory, origin }, signal);
  if (own) return { sha: git.sha, ref: git.ref };
  if (!existsSync(`${directory}/.git`))
    throw new AntlerError('actions/step-failed', `Cannot check out ${ref} as the folder is no git repository`);
  const found = await exec(['git', '-C', git.root, 'rev-parse', '--quiet', '--verify', '--end-of-options', `${ref}^{commit}`], {
    signal,
    accept: [1, 128],
  });
  const sha = found.stdout.trim();
  if (found.exitCode !== 0 || sha === '')
    throw new AntlerError('actions/step-failed', `Cannot check out ${ref} as there is no such branch, tag or commit here`);
  await exec(['git', '-C', directory, 'checkout', '--quiet', '--force', '--detach', sha], { signal });
  await exec(['git', '-C', directory, 'clean', '-fdq'], { signal });
  return { sha, ref };
}
