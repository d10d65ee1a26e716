/** One job's life: what it must wait for, its place, its steps, what is to be done afterwards, its end. */

import { hasCode } from '../../kit/errors.ts';
import type { JobSpec } from '../model.ts';
import type { Gate, JobRecord, JobResult } from '../types.ts';
import { evaluateTexts } from './evaluate.ts';
import { askFor, type JobAsks } from './job-asks.ts';
import { jobOutputs } from './job-outputs.ts';
import { scopeOf, type Frame, type JobRequest, type JobState } from './job-state.ts';
import { createLimits, type Limits } from './limits.ts';
import { createMasks } from './masks.ts';
import { settle } from './settle.ts';
import { runPosts, runSteps } from './steps.ts';
import { createTeller, type Teller } from './teller.ts';
import { errorText } from './words.ts';

export async function runJob(request: JobRequest): Promise<JobResult> {
  const { spec, key, id, name, matrix, request: run } = request;
  const teller = createTeller({ host: run.host, key, masks: createMasks(), debugging: run.debug === true });
  let about: Omit<JobRecord, 'kind' | 'at' | 'state'> = { key, id, name, needs: spec.needs, ...(matrix === undefined ? {} : { matrix }) };
  let begun: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    begun ??= (async () => {
      await teller.job({ ...about, state: 'in_progress' });
      await teller.step({ number: 1, name: 'Set up job', state: 'in_progress' });
    })();
    await begun;
  };
  const end = async ({ conclusion, outputs }: JobResult, reason?: string): Promise<JobResult> => {
    await teller.job({ ...about, state: 'completed', conclusion, outputs, ...(reason === undefined ? {} : { reason }) });
    return { conclusion, outputs };
  };
  using limits = createLimits(request.signal);
  try {
    const asks = askFor(spec, request.scope);
    if (asks.environment !== undefined) about = { ...about, environment: asks.environment };
    /** Once it has begun, waiting is a part of its work. */
    const wait = async (reason?: string): Promise<void> => {
      if (begun === undefined) await teller.job({ ...about, state: 'waiting', ...(reason === undefined ? {} : { reason }) });
      else if (reason !== undefined) await teller.line(1, { kind: 'system', text: `It waits: ${reason}` });
    };
    using _lease = await enter({ request, asks, limits, wait });
    const gate = await passGate({ request, asks, limits, wait });
    await using place = await settle({ request, asks, gate, limits, teller, begin, wait });
    const result = await work(place.job, request, limits);
    return await end(result, limits.why() ?? (result.conclusion === 'failure' ? place.job.starved : undefined));
  } catch (error) {
    const fault = limits.fault();
    if (fault !== undefined) await teller.line(1, { kind: 'error', text: fault });
    if (limits.cancel.aborted || hasCode(error, 'actions/superseded') || hasCode(error, 'actions/deadlock'))
      return end({ conclusion: 'cancelled', outputs: {} }, limits.why() ?? errorText(error));
    const reason = errorText(error);
    await begin();
    await teller.line(1, { kind: 'error', text: reason });
    await teller.step({ number: 1, name: 'Set up job', state: 'completed', conclusion: 'failure' });
    return end({ conclusion: 'failure', outputs: {} }, reason);
  }
}

const TOLD_AFTER_MS = 200;

interface Waiting {
  readonly request: JobRequest;
  readonly asks: JobAsks;
  readonly limits: Limits;
  readonly wait: (reason?: string) => Promise<void>;
}

async function enter({ request, asks, limits, wait }: Waiting): Promise<Disposable> {
  if (asks.concurrency === undefined) return { [Symbol.dispose]: () => undefined };
  await wait();
  const entering = request.request.host.enter({ ...asks.concurrency, job: request.key }, limits.cancel);
  // Most groups are free: only what really waits is told.
  const told = setTimeout(
    () => void wait(`waits for its concurrency group ${asks.concurrency?.group ?? ''}`).catch(() => undefined),
    TOLD_AFTER_MS,
  );
  const lease = await entering.finally(() => clearTimeout(told));
  limits.also(lease.signal);
  return lease;
}

async function passGate({ request, asks: { environment }, limits, wait }: Waiting): Promise<Gate> {
  if (environment === undefined) return {};
  await wait(); // for what, the environment's rules say
  return request.request.host.gate({ job: request.key, environment }, limits.cancel);
}

async function work(job: JobState, { spec }: JobRequest, limits: Limits): Promise<JobResult> {
  const frame: Frame = { steps: {}, inputs: job.request.inputs, github: {}, env: {}, depth: 0, failed: false };
  try {
    // Both may name secrets: they are evaluated only here.
    for (const env of [job.request.workflow.env, spec.env]) Object.assign(job.env, evaluateTexts(env, scopeOf(job, frame, job.env)));
  } catch (error) {
    await refuse(job.teller, error);
    job.failed = true;
  }
  if (!job.failed) await job.teller.step({ number: 1, name: 'Set up job', state: 'completed', conclusion: 'success' });
  if (!job.failed) await runSteps(job, frame, spec.steps);
  await runPosts(job);
  const fault = limits.fault();
  const outputs = fault === undefined ? await finish(job, frame, spec) : await breakOff(job, fault);
  return { conclusion: job.cancel.aborted ? 'cancelled' : job.failed ? 'failure' : 'success', outputs };
}

async function refuse(teller: Teller, error: unknown): Promise<void> {
  await teller.line(1, { kind: 'error', text: errorText(error) });
  await teller.step({ number: 1, name: 'Set up job', state: 'completed', conclusion: 'failure' });
}

/** The last step: outputs for the jobs that need this one. */
async function finish(job: JobState, frame: Frame, spec: JobSpec): Promise<Readonly<Record<string, string>>> {
  const number = ++job.number;
  await job.teller.step({ number, name: 'Complete job', state: 'in_progress' });
  const { outputs, problem } = await jobOutputs({ job, number, template: spec.outputs, scope: scopeOf(job, frame, job.env) });
  if (problem) job.failed = true;
  await job.teller.step({ number, name: 'Complete job', state: 'completed', conclusion: problem ? 'failure' : 'success' });
  return outputs;
}

/** The place is gone: the last line of the log says why. */
async function breakOff({ teller, number }: JobState, fault: string): Promise<Readonly<Record<string, string>>> {
  const last = { number: number + 1, name: 'Complete job' };
  await teller.step({ ...last, state: 'in_progress' });
  await teller.line(last.number, { kind: 'error', text: fault });
  await teller.step({ ...last, state: 'completed', conclusion: 'cancelled' });
  return {};
}
