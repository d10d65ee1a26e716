/** `antler workflow explain`. */

import { checkInputs, eventOf, explain, type ExplainedJob, readWorkflow, workflowFiles } from '../../actions/actions.ts';
import type { EventName, TriggerEvent } from '../../actions/types.ts';
import { AntlerError } from '../../kit/errors.ts';
import type { Context } from '../command.ts';

const EVENTS: readonly EventName[] = ['push', 'pull_request', 'workflow_dispatch'];
const MOST_NAMES = 8;

export async function run({ args, options, cwd, json, out, signal }: Context): Promise<number> {
  const name = EVENTS.find((event) => event === (options.text('event') ?? 'push'));
  if (name === undefined) {
    throw new AntlerError('cli/usage', `Cannot explain the event ${options.text('event')} as it is none of ${EVENTS.join(', ')}`);
  }
  const event = await eventOf(cwd, { name, ref: options.text('ref'), base: options.text('base'), since: options.text('since'), signal });
  const files = await workflowFiles(cwd, args.rest, signal);
  let wrong = false;
  const shown = await Promise.all(
    files.map(async ({ path, text }) => {
      const result = await readWorkflow(path, text);
      if (result.kind === 'problems') {
        wrong = true;
        return { path, name: path, runs: false, reason: `it has ${result.problems.length} problems: \`antler workflow check\``, jobs: [] };
      }
      const { workflow } = result;
      const specs = (workflow.on.workflow_dispatch?.inputs ?? []).map((spec) => ({ ...spec, required: false }));
      const { decision, jobs } = explain(workflow, event, { contexts: { github: githubOf(event), inputs: checkInputs(specs, {}) } });
      const why = decision.kind === 'skipped' ? { reason: decision.reason } : {};
      return { path, name: workflow.name, runs: decision.kind === 'runs', ...why, jobs };
    }),
  );
  if (json) out.object({ event: { name: event.name, ref: event.ref, sha: event.sha, changed: event.changed ?? null }, workflows: shown });
  else {
    out.line(
      out.paint('dim', `${event.name} of ${event.ref}${event.changed === undefined ? '' : `, ${event.changed.length} changed files`}`),
    );
    for (const { path, runs, reason, jobs, name: title } of shown) {
      out.line(`${out.paint('bold', title)} (${path}) ${runs ? out.paint('green', 'runs') : `does not run: ${reason}`}`);
      for (const job of jobs) out.line(`  ${lineOf(job)}`);
    }
  }
  return wrong ? 78 : 0;
}

function lineOf({ names, needs, kind, reason }: ExplainedJob): string {
  const all =
    names.length > MOST_NAMES ? `${names.slice(0, MOST_NAMES).join(', ')} and ${names.length - MOST_NAMES} more` : names.join(', ');
  const after = needs.length === 0 ? '' : ` after ${needs.join(', ')}`;
  const state = { runs: 'runs', skipped: 'is skipped', open: 'may run' }[kind];
  return `${all} ${state}${after}${reason === undefined ? '' : `: ${reason}`}`;
}

/** What conditions ask for before a run. */
function githubOf({ name, ref, sha, actor, payload, baseRef = '', headRef = '' }: TriggerEvent): Readonly<Record<string, unknown>> {
  return {
    event_name: name,
    ref,
    ref_name: ref.replace(/^refs\/(?:heads|tags|pull)\//, ''),
    ref_type: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    sha,
    actor,
    base_ref: baseRef,
    head_ref: headRef,
    event: payload,
  };
}
