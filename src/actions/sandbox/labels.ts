/** Which `runs-on` labels a container here serves. Pure. */

import { AntlerError } from '../../kit/errors.ts';

/** Node's words → GitHub's (`runner.arch`), and the label. */
const ARCHES: Readonly<Record<string, { readonly arch: string; readonly label: string }>> = {
  x64: { arch: 'X64', label: 'x64' },
  arm64: { arch: 'ARM64', label: 'arm64' },
};

/** A container of ours is Debian, which is near enough to what these names promise: a shell, git, compilers, apt. */
const ANYWHERE = [
  'ubuntu-latest',
  'ubuntu-24.04',
  'ubuntu-22.04',
  'debian-latest',
  'debian-13',
  'debian-12',
  'self-hosted',
  'linux',
  'antler',
];

/** `X64`, `ARM64` for Node's `process.arch`. */
export function runnerArch(machine: string): string {
  return ARCHES[machine]?.arch ?? machine.toUpperCase();
}

/** Labels that are served on such a machine. */
export function servedLabels(machine: string): readonly string[] {
  const own = ARCHES[machine];
  const arm = machine === 'arm64' ? ['ubuntu-24.04-arm', 'ubuntu-22.04-arm'] : [];
  return [...ANYWHERE, ...arm, ...(own === undefined ? [] : [own.label])];
}

/** Throws `actions/no-runner` where one of a job's labels is not served. */
export function checkLabels(job: string, labels: readonly string[], machine: string): void {
  const served = servedLabels(machine);
  const missing = labels.filter((label) => !served.includes(label.toLowerCase()));
  if (missing.length === 0 && labels.length > 0) return;
  const what = labels.length === 0 ? 'no label' : missing.join(', ');
  throw new AntlerError('actions/no-runner', `Cannot run the job ${job} as no runner here serves ${what}`, {
    hint: `Use one of these in \`runs-on\`: ${served.join(', ')}`,
  });
}
