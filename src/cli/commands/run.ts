/** `antler run`: the workflows of the working tree, here and now, without a daemon. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';

import {
  changedFiles,
  checkInputs,
  createHostSandbox,
  createLocalHost,
  execute,
  type LocalGit,
  readGit,
  triggers,
  type Workflow,
} from '../../actions/local/local.ts';
import type { EventName, Sandbox, SandboxRequest, TriggerEvent } from '../../actions/types.ts';
import { AntlerError } from '../../kit/errors.ts';
import { nearest } from '../../kit/nearest.ts';
import type { Context } from '../command.ts';
import { eventName, eventOf, pretend } from '../run/event.ts';
import { listWorkflows } from '../run/list.ts';
import { fileOf, pairsOf, secretsOf } from '../run/pairs.ts';
import { createRunShow } from '../run/show.ts';
import { chooseWorkflows } from '../run/workflows.ts';

/** Nobody has to reach it: a name of ours, which the toolkit takes for GitHub. */
const SERVER = 'http://antler.localhost';

export async function run(context: Context): Promise<number> {
  const { options, args, cwd, signal, out, json } = context;
  const asked = eventName(options.text('event'));
  const git = await readGit(cwd, signal);
  const chosen = await chooseWorkflows({ root: git.root, cwd, word: options.text('workflow') ?? args.maybe('WORKFLOW') });
  if (options.flag('list')) {
    listWorkflows(chosen.workflows, context);
    return 0;
  }
  const settings = await settingsOf(context, git);
  const runs = planRuns(context, { ...chosen, asked, settings });
  if (!json) out.note(out.paintNote('dim', 'Jobs run on this machine itself, each in a folder of its own'));
  let failed = false;
  for (const [index, one] of runs.entries()) {
    if (runs.length > 1 && !json) out.line(`${index === 0 ? '' : '\n'}${out.paint('bold', one.workflow.name)}`);
    if (!(await runOne(context, settings, one))) failed = true;
    if (signal.aborted) return 130;
  }
  return failed ? 1 : 0;
}

interface Planned {
  readonly workflow: Workflow;
  readonly event: TriggerEvent;
  readonly inputs: Readonly<Record<string, unknown>>;
}

interface Planning {
  readonly workflows: readonly Workflow[];
  /** Somebody named it: it runs, whatever its filters say. */
  readonly named: boolean;
  readonly asked: EventName | undefined;
  readonly settings: Settings;
}

/** Throws `cli/usage` where there is nothing to run. */
function planRuns({ options, out }: Context, { workflows, named, asked, settings }: Planning): readonly Planned[] {
  const job = options.text('job');
  const skipped: string[] = [];
  const planned = workflows.flatMap((workflow): readonly Planned[] => {
    const name = eventOf(workflow, asked);
    if (name === undefined || (job !== undefined && !workflow.jobs.some(({ id }) => id === job))) return [];
    const inputs = name === 'workflow_dispatch' ? checkInputs(workflow.on.workflow_dispatch?.inputs ?? [], settings.inputs) : {};
    const event = pretend({ ...settings, name, inputs });
    const decision = triggers(workflow, event);
    if (decision.kind === 'skipped') skipped.push(`${workflow.name}: ${decision.reason}`);
    return decision.kind === 'runs' || named ? [{ workflow, event, inputs }] : [];
  });
  if (planned.length === 0) throw nothingToRun({ workflows, asked, job, skipped });
  for (const reason of skipped) out.note(out.paintNote('dim', `${named ? 'It would not start by itself' : 'Not started'}: ${reason}`));
  return planned;
}

interface Settings {
  readonly git: LocalGit;
  readonly actor: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, string>>;
  readonly matrix: Readonly<Record<string, string>>;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly changed: readonly string[] | undefined;
}

async function settingsOf(context: Context, git: LocalGit): Promise<Settings> {
  const { options, cwd, signal } = context;
  return {
    git,
    actor: options.text('actor') ?? userInfo().username,
    secrets: await secretsOf(context),
    vars: pairsOf('var', options.all('var')),
    env: { ...fileOf('env-file', options.text('env-file'), cwd), ...pairsOf('env', options.all('env')) },
    inputs: pairsOf('input', options.all('input')),
    matrix: pairsOf('matrix', options.all('matrix'), ':'),
    payload: payloadOf(options.text('eventpath'), cwd),
    changed: await changedFiles(git, signal),
  };
}

function payloadOf(file: string | undefined, cwd: string): Readonly<Record<string, unknown>> {
  if (file === undefined) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(resolve(cwd, file), 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
    throw new Error('it holds no object');
  } catch (cause) {
    throw new AntlerError('cli/usage', `Cannot read \`--eventpath ${file}\` as ${cause instanceof Error ? cause.message : String(cause)}`, {
      hint: 'Name a file with the event’s JSON',
      cause,
    });
  }
}

/** True where it succeeded. */
async function runOne(context: Context, settings: Settings, { workflow, event, inputs }: Planned): Promise<boolean> {
  const { options, signal, out, json } = context;
  const { git, secrets, vars, env, matrix } = settings;
  const job = options.text('job');
  using show = createRunShow({ out, json, verbose: options.flag('verbose') });
  using place = temporaryFolder();
  const host = createLocalHost({
    git,
    secrets,
    vars,
    origin: `${SERVER}/${git.repository}`,
    record: (record) => show.record(record),
    line: (line) => show.line(line),
    openSandbox: openSandbox('host', place.folder, git),
  });
  const result = await execute({
    workflow,
    host,
    inputs,
    env,
    matrix,
    signal,
    event,
    identity: { id: 1, attempt: 1, number: 1, repository: git.repository, serverUrl: SERVER },
    debug: options.flag('verbose'),
    ...(job === undefined ? {} : { only: [job] }),
  });
  return result.conclusion === 'success' || result.conclusion === 'skipped';
}

/** Where jobs run: the seam for containers. */
function openSandbox(mode: 'host', folder: string, git: LocalGit): (request: SandboxRequest) => Promise<Sandbox> {
  let count = 0;
  switch (mode) {
    case 'host':
      return async ({ container }) => {
        if (container !== undefined) {
          throw new AntlerError(
            'actions/unsupported',
            `Cannot run the job as \`container: ${container.image}\` is not supported on the machine itself`,
          );
        }
        const root = join(folder, String(++count));
        return createHostSandbox({
          root,
          name: 'this machine',
          repository: git.repository.split('/').at(-1) ?? 'repository',
          env: process.env,
        });
      };
    default:
      return mode satisfies never;
  }
}

function temporaryFolder(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'antler-run-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return {
    folder,
    [Symbol.dispose]: () => {
      process.off('exit', remove);
      remove();
    },
  };
}

interface Nothing extends Pick<Planning, 'workflows' | 'asked'> {
  readonly job: string | undefined;
  readonly skipped: readonly string[];
}

function nothingToRun({ workflows, asked, job, skipped }: Nothing): AntlerError {
  const ids = workflows.flatMap(({ jobs }) => jobs.map(({ id }) => id));
  if (job !== undefined && !ids.includes(job)) {
    const near = nearest(job, ids);
    return new AntlerError('cli/usage', `Cannot run the job \`${job}\` as there is none`, {
      hint: near === undefined ? `Jobs: ${ids.join(', ')}` : `Did you mean \`${near}\`?`,
    });
  }
  const why = skipped[0] ?? (asked === undefined ? 'none starts by an event that comes up here' : `none starts on \`${asked}\``);
  return new AntlerError('cli/usage', `Cannot run a workflow as ${why}`, {
    hint: 'Name one: `antler run WORKFLOW`; `antler run --list` shows them',
  });
}
