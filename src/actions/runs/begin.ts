/** From what was pushed, or asked for, to runs: which workflows of that commit start, and which could not be read. */

import { AntlerError, type Problem } from '../../kit/errors.ts';
import { nearest } from '../../kit/nearest.ts';
import type { Repository } from '../../repos/types.ts';
import type { Platform } from '../../store/store.ts';
import type { RunRow } from '../../store/types.ts';
import type { Workflow } from '../model.ts';
import { checkInputs } from '../triggers/inputs.ts';
import { triggers } from '../triggers/triggers.ts';
import type { TriggerEvent } from '../types.ts';
import { readWorkflow } from '../workflow/read.ts';

export const WORKFLOWS = '.github/workflows';

export interface Started {
  readonly row: RunRow;
  readonly workflow: Workflow;
  readonly event: TriggerEvent;
}

export interface Begun {
  readonly started: readonly Started[];
  /** Runs that ended at once, as their file cannot be read. */
  readonly broken: readonly RunRow[];
  /** For the pusher. */
  readonly messages: readonly string[];
}

export interface BeginInput {
  readonly store: Platform;
  readonly repository: Repository;
  readonly event: TriggerEvent;
  readonly push: number | undefined;
  /** First line of the head commit's message. */
  readonly title: string;
  readonly signal: AbortSignal;
}

/** Every workflow that the event starts; each is recorded. */
export async function beginRuns(input: BeginInput): Promise<Begun> {
  const { event, repository, signal } = input;
  const files = await repository.read(event.sha, WORKFLOWS, signal);
  const started: Started[] = [];
  const broken: RunRow[] = [];
  const messages: string[] = [];
  for (const { path, text } of files.filter((file) => /\.ya?ml$/.test(file.path))) {
    const read = await readWorkflow(path, text);
    if (read.kind === 'problems') {
      broken.push(addBroken(input, path, read.problems));
      messages.push(...read.problems.map(say));
      continue;
    }
    const { workflow } = read;
    const decision = triggers(workflow, event);
    if (decision.kind === 'skipped') messages.push(`${path} does not run: ${decision.reason}`);
    else started.push({ row: addRun(input, workflow, {}), workflow, event });
  }
  if (files.length === 0) messages.push(`nothing runs: there is no workflow in ${WORKFLOWS}`);
  return { started, broken, messages };
}

export interface DispatchInput extends Omit<BeginInput, 'push'> {
  /** File name, path or name. */
  readonly workflow: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Throws `actions/unknown-workflow`, `actions/invalid`, and what is wrong with the inputs. */
export async function beginDispatch(input: DispatchInput): Promise<Started> {
  const { event, repository, signal } = input;
  const files = await repository.read(event.sha, WORKFLOWS, signal);
  const names: string[] = [];
  for (const { path, text } of files) {
    const read = await readWorkflow(path, text);
    const file = path.slice(WORKFLOWS.length + 1);
    const name = read.kind === 'workflow' ? read.workflow.name : file;
    names.push(file);
    if (![path, file, file.replace(/\.ya?ml$/, ''), name].includes(input.workflow)) continue;
    const workflow = whole(read, path);
    if (workflow.on.workflow_dispatch === undefined)
      throw new AntlerError('actions/refused', `Cannot start ${path} by hand as its \`on\` has no workflow_dispatch`);
    const inputs = checkInputs(workflow.on.workflow_dispatch.inputs, input.inputs);
    const dispatched: TriggerEvent = { ...event, payload: { ...event.payload, inputs, workflow: path } };
    return { row: addRun({ ...input, event: dispatched, push: undefined }, workflow, inputs), workflow, event: dispatched };
  }
  const near = nearest(input.workflow, names);
  throw new AntlerError(
    'actions/unknown-workflow',
    `Cannot find the workflow ${JSON.stringify(input.workflow)}: there ${names.length === 0 ? 'is none' : `are ${names.join(', ')}`}`,
    near === undefined ? {} : { hint: `Did you mean ${near}?` },
  );
}

/** The workflow of a run as it was at its commit. Throws `actions/invalid`, `repos/unknown-ref`. */
export async function readAgain(repository: Repository, run: RunRow, signal: AbortSignal): Promise<Started> {
  const files = await repository.read(run.sha, WORKFLOWS, signal);
  const file = files.find(({ path }) => path === run.path);
  if (file === undefined) throw new AntlerError('actions/unknown-workflow', `Cannot run ${run.path} again as ${run.sha} has no such file`);
  return { row: run, workflow: whole(await readWorkflow(file.path, file.text), file.path), event: run.trigger as TriggerEvent };
}

function whole(read: Awaited<ReturnType<typeof readWorkflow>>, path: string): Workflow {
  if (read.kind === 'workflow') return read.workflow;
  throw new AntlerError('actions/invalid', `Cannot run ${path} as it has problems`, { problems: read.problems });
}

function addRun(input: BeginInput, workflow: Workflow, inputs: Readonly<Record<string, unknown>>): RunRow {
  const { store, event, push, title } = input;
  const { name, ref, sha, actor } = event;
  return store.runs.add({ push, path: workflow.path, name: workflow.name, event: name, ref, sha, actor, title, trigger: event, inputs });
}

function addBroken(input: BeginInput, path: string, problems: readonly Problem[]): RunRow {
  const { store, event, push, title } = input;
  const { name, ref, sha, actor } = event;
  const { id } = store.runs.add({ push, path, name: path, event: name, ref, sha, actor, title, trigger: event, inputs: {} });
  store.runs.end(id, { conclusion: 'failure', reason: problems.map(say).join('\n') });
  const row = store.runs.get(id);
  if (row === undefined) throw new Error(`run ${id} vanished`);
  return row;
}

function say({ at, message, hint }: Problem): string {
  return `${at}: ${message}${hint === undefined ? '' : ` (${hint})`}`;
}
