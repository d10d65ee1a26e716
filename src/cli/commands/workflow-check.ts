/** `antler workflow check`. */

import { readWorkflow, workflowFiles } from '../../actions/actions.ts';
import { AntlerError } from '../../kit/errors.ts';
import type { Context } from '../command.ts';

export async function run({ args, cwd, json, out, signal }: Context): Promise<void> {
  const files = await workflowFiles(cwd, args.rest, signal);
  const read = await Promise.all(files.map(async ({ path, text }) => ({ path, result: await readWorkflow(path, text) })));
  const problems = read.flatMap(({ result }) => (result.kind === 'problems' ? result.problems : []));
  if (problems.length > 0) {
    const wrong = read.filter(({ result }) => result.kind === 'problems').length;
    throw new AntlerError(
      'actions/invalid',
      `Cannot run ${wrong} of ${count(read.length, 'workflow')} as ${count(problems.length, 'line')} must change`,
      {
        problems,
        hint: 'Mend the listed lines, then type the same again; docs/reference/workflow-compatibility.md has what is run',
      },
    );
  }
  const good = read.flatMap(({ path, result }) =>
    result.kind === 'workflow' ? [{ path, workflow: result.workflow, warnings: result.warnings }] : [],
  );
  if (json) {
    out.object({
      files: good.map(({ path, workflow, warnings }) => ({ path, name: workflow.name, jobs: workflow.jobs.map(({ id }) => id), warnings })),
    });
    return;
  }
  for (const { path, workflow, warnings } of good) {
    out.line(`${path} is fine: ${count(workflow.jobs.length, 'job')}`);
    for (const { at, message, hint } of warnings) out.line(out.paint('dim', `  ${at}: ${message}${hint === undefined ? '' : `. ${hint}`}`));
  }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}
