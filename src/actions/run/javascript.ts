/** JavaScript actions: `main` now, `post` after the last step, both in the Node that is in the job's place. */

import { join } from 'node:path/posix';

import { inputVariables } from './inputs.ts';
import type { StepContext } from './job-state.ts';
import type { ActionCall } from './action.ts';
import { runProcess } from './process.ts';
import { findProgram } from './programs.ts';

export async function runJavaScript(context: StepContext, call: ActionCall): Promise<'success' | 'failure'> {
  const { job, frame, number, spec, name, state } = context;
  const { runs } = call.action;
  if (runs.kind !== 'javascript') return 'failure';
  if (runs.pre !== undefined) {
    await job.teller.line(number, { kind: 'warning', text: `\`pre\` execution is not supported for local action from '${spec.uses}'` });
  }
  // It is owed from now on, also where `main` fails.
  if (runs.post !== undefined) {
    const { post } = runs;
    job.posts.push({ name, condition: runs.postIf, frame, spec, run: async (later) => start(later, { call, file: post, state }) });
  }
  return start(context, { call, file: runs.main, state: new Map() });
}

async function start(
  context: StepContext,
  { call, file, state }: { readonly call: ActionCall; readonly file: string; readonly state: ReadonlyMap<string, string> },
): Promise<'success' | 'failure'> {
  const { job, frame } = context;
  const states = Object.fromEntries([...state].map(([name, value]) => [`STATE_${name}`, value]));
  const { exitCode, heard } = await runProcess({
    context: { ...context, frame: { ...frame, github: { ...frame.github, action_path: call.folder } } },
    files: {},
    cwd: job.sandbox.paths.workspace,
    env: { ...inputVariables(call.inputs), ...states },
    argv: async (_, path) => [await findProgram({ job, names: ['node'], path, signal: context.signal }), join(call.folder, file)],
  });
  return exitCode === 0 && heard ? 'success' : 'failure';
}
