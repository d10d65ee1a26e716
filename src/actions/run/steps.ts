/** Steps one after the other: whether each runs, how it ends, as what that counts, and what is told of it. */

import type { StepSpec } from '../model.ts';
import { conditionOf, evaluate, evaluateText, evaluateTexts } from './evaluate.ts';
import { scopeOf, type Ended, type Frame, type Handler, type JobState, type StepContext, type StepResult } from './job-state.ts';
import { runScript } from './script.ts';
import { stepFiles, type StepFiles } from './step-files.ts';
import { contextNames } from './step-names.ts';
import { handlerOfUses } from './uses.ts';
import { errorText, isTrue } from './words.ts';

/** Runs them all; what is to be done afterwards is in `job.posts`. */
export async function runSteps(job: JobState, frame: Frame, steps: readonly StepSpec[]): Promise<void> {
  const names = contextNames(steps);
  for (const [index, spec] of steps.entries()) {
    const handler = spec.uses === undefined ? runScript : handlerOfUses(spec.uses);
    // Inside of an action `github.action` stays the name of the step that called it.
    const own = frame.depth > 0 ? frame : { ...frame, github: { ...frame.github, action: names[index] ?? '' } };
    await runStep({ job, frame: own, spec, handler, name: nameBefore(spec) });
  }
}

/** Actions' ends, the last one first. A composite's frame is over: they count for the job. */
export async function runPosts(job: JobState): Promise<void> {
  for (let post = job.posts.pop(); post !== undefined; post = job.posts.pop()) {
    const { name, condition, run: handler, frame, spec } = post;
    const text = condition ?? 'always()';
    const own: StepSpec = {
      at: spec.at,
      ...(spec.env === undefined ? {} : { env: spec.env }),
      if: { kind: 'expression', text, at: spec.at },
    };
    await runStep({
      job,
      frame: { ...frame, depth: 0, failed: false, signal: job.hard },
      spec: { ...spec, ...own },
      handler,
      name: `Post ${name}`,
      post: true,
    });
  }
}

interface Step {
  readonly job: JobState;
  readonly frame: Frame;
  readonly spec: StepSpec;
  readonly handler: Handler;
  readonly name: string;
  readonly post?: boolean;
}

async function runStep(given: Step): Promise<void> {
  const { job, frame, spec, post = false } = given;
  const files = stepFiles(job.sandbox, String(++job.files));
  const step: Step = { ...given, frame: { ...frame, github: { ...frame.github, ...files.context } } };
  // What has no id is in no `steps` context.
  const note = (result: StepResult): void => {
    if (!post && spec.id !== undefined) frame.steps[spec.id] = result;
  };
  const nested = frame.number !== undefined;
  const number = frame.number ?? ++job.number;
  const began = begin(step);
  const tell = async (state: 'in_progress' | 'completed', conclusion?: Ended): Promise<void> => {
    if (!nested) await job.teller.step({ number, name: began.name, state, ...(conclusion === undefined ? {} : { conclusion }) });
  };
  if (began.kind === 'skip') {
    await tell('completed', 'skipped');
    note({ outcome: 'skipped', conclusion: 'skipped', outputs: {} });
    return;
  }
  await tell('in_progress');
  const outputs = new Map<string, string>();
  const { starved } = job;
  let outcome: Ended = 'failure';
  if (began.kind === 'wrong') await job.teller.line(number, { kind: 'error', text: began.why });
  else outcome = await perform(step, { ...began, number, files, outputs });
  const conclusion = outcome === 'failure' && (await mayFail(step, began.env, number)) ? 'success' : outcome;
  note({ outcome, conclusion, outputs: Object.fromEntries(outputs) });
  if (conclusion === 'failure') {
    frame.failed = true;
    if (frame.depth === 0) job.failed = true;
  } else job.starved = starved; // it may fail: it is not why the job does
  await tell('completed', conclusion);
}

interface Environment {
  /** The `env` context. */
  readonly env: Readonly<Record<string, string>>;
  /** Of the caller and the step: what lies over the job's, and holds inside of an action. */
  readonly ownEnv: Readonly<Record<string, string>>;
}

type Began =
  | ({ readonly kind: 'run'; readonly name: string } & Environment)
  | { readonly kind: 'skip'; readonly name: string }
  | ({ readonly kind: 'wrong'; readonly name: string; readonly why: string } & Environment);

/** Environment, condition and name, as GitHub takes them: a wrong expression fails the step. */
function begin({ job, frame, spec, name }: Step): Began {
  if (job.hard.aborted || frame.signal?.aborted === true) return { kind: 'skip', name };
  let ownEnv = frame.env;
  const env = (): Record<string, string> => ({ ...job.env, ...ownEnv });
  try {
    ownEnv = { ...frame.env, ...evaluateTexts(spec.env, scopeOf(job, frame, env())) };
    const scope = scopeOf(job, frame, env());
    if (!conditionOf(spec.if, scope)) return { kind: 'skip', name };
    return { kind: 'run', name: evaluateText(spec.name, scope) ?? scriptName(evaluateText(spec.run, scope)) ?? name, env: env(), ownEnv };
  } catch (error) {
    return { kind: 'wrong', name, env: env(), ownEnv, why: errorText(error) };
  }
}

async function perform(
  step: Step,
  begun: { readonly name: string; readonly number: number; readonly files: StepFiles; readonly outputs: Map<string, string> } & Environment,
): Promise<Ended> {
  const { job, frame, spec, handler } = step;
  const { files, number, env, ownEnv, name, outputs } = begun;
  const stop = new AbortController();
  using _ending = endsWith(step, env, stop);
  const minutes = await minutesOf(step, env, number);
  const timer = minutes > 0 ? setTimeout(() => stop.abort('timeout'), minutes * 60_000) : undefined;
  const context: StepContext = {
    job,
    frame,
    spec,
    number,
    name,
    env,
    ownEnv,
    scope: scopeOf(job, frame, env),
    signal: stop.signal,
    files,
    outputs,
    state: new Map(),
  };
  try {
    const outcome = await handler(context);
    if (!stop.signal.aborted) return outcome;
  } catch (error) {
    if (!stop.signal.aborted) {
      await job.teller.line(number, { kind: 'error', text: errorText(error) });
      return 'failure';
    }
  } finally {
    clearTimeout(timer);
  }
  if (stop.signal.reason === 'timeout') {
    const after = `${minutes} minute${minutes === 1 ? '' : 's'}`;
    await job.teller.line(number, { kind: 'error', text: `The action '${name}' has timed out after ${after}.` });
    return 'failure';
  }
  await job.teller.line(number, { kind: 'error', text: 'The operation was canceled.' });
  return 'cancelled';
}

/** A cancelled job ends its step, unless the step's condition holds then as well: `if: always()`. */
function endsWith({ job, frame, spec }: Step, env: Readonly<Record<string, string>>, stop: AbortController): Disposable {
  const cancel = (): void => {
    let goesOn = false;
    try {
      goesOn = conditionOf(spec.if, scopeOf(job, frame, env));
    } catch {
      // what cannot be decided ends
    }
    if (!goesOn) stop.abort('cancelled');
  };
  const end = (): void => stop.abort('cancelled');
  if (!job.cancel.aborted) job.cancel.addEventListener('abort', cancel, { once: true });
  const ends = [job.hard, ...(frame.signal === undefined ? [] : [frame.signal])];
  for (const signal of ends)
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  return {
    [Symbol.dispose]: () => {
      job.cancel.removeEventListener('abort', cancel);
      for (const signal of ends) signal.removeEventListener('abort', end);
    },
  };
}

/** As GitHub takes it: what cannot be evaluated is told and is no limit; the job's own still holds. */
async function minutesOf({ job, frame, spec }: Step, env: Readonly<Record<string, string>>, number: number): Promise<number> {
  try {
    const minutes = Number(evaluate(spec.timeoutMinutes, scopeOf(job, frame, env)) ?? 0);
    return Number.isFinite(minutes) ? minutes : 0;
  } catch (error) {
    await job.teller.line(number, { kind: 'error', text: 'An error occurred when attempting to determine the step timeout.' });
    await job.teller.line(number, { kind: 'error', text: errorText(error) });
    return 0;
  }
}

async function mayFail({ job, frame, spec }: Step, env: Readonly<Record<string, string>>, number: number): Promise<boolean> {
  try {
    return isTrue(evaluate(spec.continueOnError, scopeOf(job, frame, env)));
  } catch (error) {
    await job.teller.line(number, { kind: 'error', text: errorText(error) });
    return false;
  }
}

/** Before its expressions can be evaluated. */
function nameBefore({ name, run, uses }: StepSpec): string {
  if (name?.kind === 'literal') return String(name.value);
  if (uses !== undefined) return `Run ${uses}`;
  return (run?.kind === 'literal' ? scriptName(String(run.value)) : undefined) ?? 'Run a script';
}

function scriptName(script: string | undefined): string | undefined {
  const [first] = script?.trimStart().split(/[\r\n]/, 1) ?? [];
  return first === undefined ? undefined : `Run ${first}`;
}
