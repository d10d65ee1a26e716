/** Composite actions: steps inside of a step, with inputs, outputs and step results of their own. */

import { evaluateText } from './evaluate.ts';
import type { Frame, StepContext } from './job-state.ts';
import { scopeOf } from './job-state.ts';
import type { ActionCall } from './action.ts';

export async function runComposite(
  { job, frame, number, env, ownEnv, signal, outputs }: StepContext,
  { action, folder, inputs }: ActionCall,
): Promise<'success' | 'failure'> {
  if (action.runs.kind !== 'composite') return 'failure';
  const own: Frame = {
    steps: {},
    inputs,
    github: { ...frame.github, action_path: folder },
    env: ownEnv,
    depth: frame.depth + 1,
    signal,
    number,
    failed: false,
  };
  await job.runSteps(own, action.runs.steps);
  const scope = scopeOf(job, own, env);
  for (const { name, value } of action.outputs) {
    const text = evaluateText(value, scope);
    if (text !== undefined) outputs.set(name, text);
  }
  return own.failed ? 'failure' : 'success';
}
