/** Starts one process of a step: its whole environment, its files, its output; then what it left in the files. */

import { isAbsolute, join, relative } from 'node:path/posix';

import { formatSize } from '../../kit/units.ts';
import type { Sandbox } from '../types.ts';
import { githubVariables, runnerVariables } from './github.ts';
import { partsInside, readInside } from './inside.ts';
import type { StepContext } from './job-state.ts';
import { createListener } from './listener.ts';
import { collectFiles, prepareFiles, type StepFiles } from './step-files.ts';

export interface StepProcess {
  readonly context: StepContext;
  /** More files beside the command files: the script. */
  readonly files: Readonly<Record<string, string>>;
  readonly argv: (files: StepFiles, path: string) => Promise<readonly [string, ...string[]]>;
  readonly cwd: string;
  /** Of this process alone: INPUT_*, STATE_*. */
  readonly env: Readonly<Record<string, string>>;
  /** Told before it starts. */
  readonly announce?: (argv: readonly string[]) => Promise<void>;
}

export interface Ended {
  readonly exitCode: number;
  /** Nothing went wrong in what it told us. */
  readonly heard: boolean;
}

export async function runProcess({ context, files, argv, cwd, env, announce }: StepProcess): Promise<Ended> {
  const { job, number, signal, files: prepared } = context;
  const { name } = prepared;
  const { sandbox, teller } = job;
  await prepareFiles({ sandbox, name, extra: files }, signal);
  const path = pathOf(context);
  const line = await argv(prepared, path);
  await announce?.(line);
  const listener = createListener({
    teller,
    step: number,
    effects: context,
    matchers: job.matchers,
    readFile: (file) => readJobFile(sandbox, file),
  });
  const { exitCode, reason } = await sandbox.exec({
    argv: line,
    cwd,
    env: { ...environmentOf(context), ...env, PATH: path },
    signal,
    onOutput: (chunk, stream) => listener.chunk(chunk, stream),
  });
  await listener.end();
  if (reason === 'oom') await tellStarved(context);
  const collected = await collectFiles({ sandbox, name, teller, step: number });
  Object.assign(job.env, Object.fromEntries(collected.env));
  for (const [key, value] of collected.outputs) context.outputs.set(key, value);
  for (const [key, value] of collected.state) context.state.set(key, value);
  for (const folder of collected.path) {
    const before = job.path.indexOf(folder);
    if (before >= 0) job.path.splice(before, 1);
    job.path.push(folder);
  }
  if (collected.summary !== '') await tellSummary(context, collected.summary);
  return { exitCode, heard: !listener.failed && !collected.failed };
}

/** Of the job's own folders; relative to its workspace. Throws an Error in words for the step. */
function readJobFile(sandbox: Sandbox, file: string): string {
  const { paths } = sandbox;
  const path = isAbsolute(file) ? file : join(paths.workspace, file);
  const base = [paths.workspace, paths.temp, paths.toolCache].find((each) => path.startsWith(`${each}/`));
  const parts = base === undefined ? undefined : partsInside(sandbox.toHost(base), relative(base, path));
  const read = base === undefined || parts === undefined ? undefined : readInside(sandbox.toHost(base), parts, 1024 * 1024);
  if (read?.kind !== 'file') throw new Error(`There is no file ${file} in the job's folders`);
  return read.bytes.toString('utf8');
}

/** Its exit code, 137 or whatever a parent made of it, says nothing of memory. */
async function tellStarved({ job, number, name }: StepContext): Promise<void> {
  const { memory } = job.sandbox;
  const all = `all ${memory === undefined ? 'the' : `${formatSize(memory)} of`} memory that a job may use`;
  await job.teller.line(number, { kind: 'error', text: `The kernel killed a process of this step as the job had taken ${all}.` });
  job.starved = `${name}: killed as the job had taken ${all}`;
}

/** There is no page for it: it is a part of the log, folded away. */
async function tellSummary({ job: { teller }, number }: StepContext, summary: string): Promise<void> {
  await teller.line(number, { kind: 'group', text: 'Summary' });
  for (const text of summary.replace(/\n$/, '').split('\n')) await teller.line(number, { kind: 'output', text });
  await teller.line(number, { kind: 'endgroup', text: '' });
}

/** What a later process sees of PATH: what steps put before it, the last first. */
export function pathOf({ job, env }: Pick<StepContext, 'job' | 'env'>): string {
  return [...job.path.toReversed(), env['PATH'] ?? job.sandbox.env['PATH'] ?? ''].filter((part) => part !== '').join(':');
}

function environmentOf({ job, frame, env, files }: StepContext): Record<string, string> {
  const github = { ...job.github, ...frame.github };
  return {
    ...job.sandbox.env,
    ...job.hidden,
    ...env,
    ...githubVariables(github),
    ...runnerVariables(job.runner),
    ...files.env,
  };
}
