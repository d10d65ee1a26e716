/** The built-in `actions/setup-node`: no download; a Node that is there and fits what is asked for. */

import { dirname } from 'node:path/posix';

import { AntlerError } from '../../kit/errors.ts';
import { partsInside, readInside } from './inside.ts';
import { givenInputs, sayUnknown } from './inputs.ts';
import type { Handler, StepContext } from './job-state.ts';
import { fits, readVersionFile, type NodeVersion } from './node-range.ts';
import { pathOf } from './process.ts';

const INPUTS = (
  'node-version node-version-file architecture check-latest registry-url scope token cache package-manager-cache ' +
  'cache-dependency-path mirror mirror-token always-auth'
).split(' ');

export const setupNode: Handler = async (context) => {
  const { job, number, outputs } = context;
  const inputs = givenInputs(context);
  await sayUnknown(context, inputs, INPUTS);
  // What is refused, or has no effect, was said in reading.
  const asked = await askedFor(context, inputs);
  const there = await nodesOf(context);
  const { default: ranges } = await import('semver');
  const found = there.find((node) => fits(node, asked, ranges));
  if (found === undefined) {
    const list =
      there.length === 0 ? 'none is' : `there ${there.length === 1 ? 'is' : 'are'} ${there.map(({ version }) => version).join(', ')}`;
    throw new AntlerError(
      'actions/step-failed',
      `Cannot set up Node ${asked} as ${there.length === 0 ? 'there is none here' : `it is not here: ${list}`}`,
      {
        hint: 'Nothing is downloaded: ask for a version that is there, or run the job in an image that has the other',
      },
    );
  }
  const folder = dirname(found.file);
  const before = job.path.indexOf(folder);
  if (before >= 0) job.path.splice(before, 1);
  job.path.push(folder);
  outputs.set('node-version', `v${found.version}`);
  outputs.set('cache-hit', 'false');
  await job.teller.line(number, { kind: 'output', text: `node: v${found.version} (${found.file})` });
  return 'success';
};

async function askedFor({ job: { sandbox } }: StepContext, inputs: Readonly<Record<string, string>>): Promise<string> {
  const version = inputs['node-version'] ?? '';
  const file = inputs['node-version-file'] ?? '';
  if (version !== '' || file === '') return version;
  const workspace = sandbox.toHost(sandbox.paths.workspace);
  const parts = partsInside(workspace, file);
  const read = parts === undefined ? undefined : readInside(workspace, parts, 1024 * 1024);
  if (read?.kind !== 'file')
    throw new AntlerError('actions/step-failed', `Cannot set up Node as there is no file ${file} (\`node-version-file\`)`);
  const asked = readVersionFile(read.bytes.toString('utf8'));
  if (asked === undefined) throw new AntlerError('actions/step-failed', `Cannot set up Node as ${file} says nothing of it`);
  return asked;
}

interface FoundNode extends NodeVersion {
  readonly file: string;
}

const LIST =
  'IFS=:; for folder in $PATH; do [ -x "$folder/node" ] && printf "%s\\n" "$folder/node"; done; for file in "$0"/node/*/*/bin/node; do [ -x "$file" ] && printf "%s\\n" "$file"; done; :';

/** In the order of PATH. */
async function nodesOf(context: StepContext): Promise<readonly FoundNode[]> {
  const files = (await textOf(context, ['sh', '-c', LIST, context.job.sandbox.paths.toolCache])).split('\n').filter((file) => file !== '');
  const found: FoundNode[] = [];
  for (const file of new Set(files)) {
    const text = await textOf(context, [file, '-p', 'process.versions.node + " " + (process.release.lts || "")']);
    const [version = '', lts = ''] = text.trim().split(' ');
    if (/^\d+\.\d+\.\d+/.test(version)) found.push({ file, version, lts });
  }
  return found;
}

async function textOf(context: StepContext, argv: readonly [string, ...string[]]): Promise<string> {
  const { job, signal } = context;
  let text = '';
  await job.sandbox.exec({
    argv,
    cwd: job.sandbox.paths.workspace,
    env: { ...job.sandbox.env, PATH: pathOf(context) },
    signal,
    onOutput: (chunk, stream) => void (text += stream === 'stdout' ? Buffer.from(chunk).toString('utf8') : ''),
  });
  return text;
}
