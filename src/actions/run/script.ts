/** `run:` steps. */

import { isAbsolute, join } from 'node:path/posix';

import { evaluateText } from './evaluate.ts';
import type { Handler, StepContext } from './job-state.ts';
import { findProgram } from './programs.ts';
import { runProcess } from './process.ts';
import { planShell } from './shells.ts';

export const runScript: Handler = async (context) => {
  const { job, number, spec, scope } = context;
  const script = evaluateText(spec.run, scope) ?? '';
  const shell = planShell(shellOf(context));
  const cwd = workingDirectory(context);
  const file = `script${shell.extension}`;
  const { exitCode, heard } = await runProcess({
    context,
    cwd,
    env: {},
    files: { [file]: shell.prepare(script) },
    argv: async (files, path) => {
      const program = await findProgram({ job, names: shell.programs, path, signal: context.signal });
      return [program, ...shell.args.map((word) => word.replaceAll('{0}', files.path(file)))];
    },
    announce: async ([program = '']) => announce(context, script, `${program} ${shell.args.join(' ')}`),
  });
  if (exitCode !== 0 && !context.signal.aborted) {
    await job.teller.line(number, { kind: 'error', text: `Process completed with exit code ${exitCode}.` });
  }
  return exitCode === 0 && heard ? 'success' : 'failure';
};

/** As GitHub's log begins a step: its script, shell and environment, folded away. */
async function announce({ job, number, env }: StepContext, script: string, shell: string): Promise<void> {
  const { teller } = job;
  const [first = ''] = script.trimStart().split(/[\r\n]/, 1);
  await teller.line(number, { kind: 'group', text: `Run ${first}` });
  for (const line of script.replaceAll('\r\n', '\n').replace(/\n+$/, '').split('\n'))
    await teller.line(number, { kind: 'command', text: line });
  await teller.line(number, { kind: 'system', text: `shell: ${shell}` });
  const names = Object.entries(env);
  if (names.length > 0) await teller.line(number, { kind: 'system', text: 'env:' });
  for (const [name, value] of names) await teller.line(number, { kind: 'system', text: `  ${name}: ${value}` });
  await teller.line(number, { kind: 'endgroup', text: '' });
}

/** The defaults of the job and the workflow hold for its own steps, not for those inside of actions. */
function shellOf({ job, frame, spec, scope }: StepContext): string | undefined {
  return evaluateText(spec.shell ?? (frame.depth === 0 ? job.defaults.shell : undefined), scope);
}

function workingDirectory({ job, frame, spec, scope }: StepContext): string {
  const asked = evaluateText(spec.workingDirectory ?? (frame.depth === 0 ? job.defaults.workingDirectory : undefined), scope) ?? '';
  return isAbsolute(asked) ? asked : join(job.sandbox.paths.workspace, asked);
}
