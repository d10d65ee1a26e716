/** `uses: ./path`: reads the action's own file and hands it to whoever runs its kind. */

import { join } from 'node:path/posix';

import { AntlerError } from '../../kit/errors.ts';
import type { Action, ActionCall } from './action.ts';
import { runComposite } from './composite.ts';
import { evaluateText } from './evaluate.ts';
import { partsInside, readInside } from './inside.ts';
import { givenInputs, sayUnknown } from './inputs.ts';
import { runJavaScript } from './javascript.ts';
import type { Handler, StepContext } from './job-state.ts';

/** Composite actions may call others; this deep at most, as on GitHub. */
const MAX_DEPTH = 10;

export const runLocalAction: Handler = async (context) => {
  const { spec, frame } = context;
  const uses = spec.uses ?? '';
  if (frame.depth >= MAX_DEPTH)
    throw new AntlerError('actions/step-failed', `Cannot run \`${uses}\` as actions call each other more than ${MAX_DEPTH} deep`);
  const action = await load(context, uses);
  const call: ActionCall = { action, folder: join(context.job.sandbox.paths.workspace, uses), inputs: await inputsOf(context, action) };
  switch (action.runs.kind) {
    case 'composite':
      return runComposite(context, call);
    case 'javascript':
      return runJavaScript(context, call);
    default:
      return action.runs satisfies never;
  }
};

async function load({ job: { sandbox } }: StepContext, uses: string): Promise<Action> {
  const workspace = sandbox.toHost(sandbox.paths.workspace);
  for (const name of ['action.yml', 'action.yaml']) {
    const parts = partsInside(workspace, join(uses, name));
    const read = parts === undefined ? undefined : readInside(workspace, parts, 1024 * 1024);
    if (read?.kind !== 'file') continue;
    const { readAction } = await import('./action-file.ts');
    return readAction(join(uses, name), read.bytes.toString('utf8'));
  }
  throw new AntlerError(
    'actions/step-failed',
    `Cannot run \`${uses}\` as there is no action.yml or action.yaml in ${join(sandbox.paths.workspace, uses)}`,
    { hint: 'Did you forget to run actions/checkout before running your local action?' },
  );
}

async function inputsOf(context: StepContext, action: Action): Promise<Record<string, string>> {
  const given = givenInputs(context);
  await sayUnknown(
    context,
    given,
    action.inputs.map(({ name }) => name),
  );
  return Object.fromEntries([
    ...action.inputs.map(
      (input) => [input.name, given[input.name.toLowerCase()] ?? evaluateText(input.default, context.scope) ?? ''] as const,
    ),
    ...Object.entries(given).filter(([name]) => !action.inputs.some((input) => input.name.toLowerCase() === name)),
  ]);
}
