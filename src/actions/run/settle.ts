/** Gives a job its place, its secrets and its contexts: everything that is there when the first step begins. */

import { join } from 'node:path';

import type { Gate, Sandbox } from '../types.ts';
import { containerEnv } from './container-env.ts';
import { runnerContext } from './github.ts';
import { writeInside } from './inside.ts';
import type { JobAsks } from './job-asks.ts';
import type { JobRequest, JobState } from './job-state.ts';
import type { Limits } from './limits.ts';
import { createMatchers } from './matchers.ts';
import { runSteps } from './steps.ts';
import type { Teller } from './teller.ts';

export interface Place extends AsyncDisposable {
  readonly job: JobState;
}

interface Settling {
  readonly request: JobRequest;
  readonly asks: JobAsks;
  readonly gate: Gate;
  readonly limits: Limits;
  readonly teller: Teller;
  /** The job begins: told once. */
  readonly begin: () => Promise<void>;
  readonly wait: (reason?: string) => Promise<void>;
}

/** A secret or a variable of this name turns `::debug::` on, as on GitHub. */
const STEP_DEBUG = 'ACTIONS_STEP_DEBUG';
/** Secrets that are none: masking them would mask each `true`. */
const SWITCHES: ReadonlySet<string> = new Set([STEP_DEBUG, 'ACTIONS_RUNNER_DEBUG']);

export async function settle({ request, asks, gate, limits, teller, begin, wait }: Settling): Promise<Place> {
  const { key, request: run } = request;
  const { environment, labels, container } = asks;
  const secrets = await run.host.secrets(environment);
  for (const [name, secret] of Object.entries(secrets)) if (!SWITCHES.has(name)) teller.masks.add(secret);
  const vars = environment === undefined ? request.vars : await run.host.vars(environment);
  if (/^(?:1|\$?true)$/i.test(secrets[STEP_DEBUG] ?? vars[STEP_DEBUG] ?? '')) teller.debug();
  // In order, and while the place is made: an image may take minutes.
  let told = Promise.resolve();
  const tell = (work: () => Promise<void>): void => {
    told = told.then(work);
    told.catch(() => undefined); // thrown below
  };
  const opening = run.host.sandbox(
    {
      job: key,
      labels,
      onLine: (text) =>
        tell(async () => {
          await begin();
          await teller.line(1, { kind: 'output', text });
        }),
      onWait: (reason) => tell(async () => wait(reason)),
      ...(container === undefined
        ? {}
        : { container: { image: container.image, env: (facts) => containerEnv({ request, asks: container, secrets, vars }, facts) } }),
      ...(environment === undefined ? {} : { environment }),
    },
    limits.cancel,
  );
  const sandbox = await opening.finally(async () => told.catch(() => undefined));
  try {
    await told;
    await begin();
    if (sandbox.ended !== undefined) limits.endsWith(sandbox.ended);
    limits.start(asks.minutes);
    await teller.line(1, { kind: 'system', text: `Runner: ${sandbox.name} (${sandbox.kind}, ${sandbox.arch})` });
    const job = await stateOf({ request, sandbox, gate, limits, teller, secrets, vars });
    return { job, [Symbol.asyncDispose]: async () => sandbox[Symbol.asyncDispose]() };
  } catch (error) {
    await sandbox[Symbol.asyncDispose]();
    throw error;
  }
}

interface Settled extends Pick<Settling, 'request' | 'gate' | 'limits' | 'teller'> {
  readonly sandbox: Sandbox;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

async function stateOf({ request, sandbox, gate, limits, teller, secrets, vars }: Settled): Promise<JobState> {
  const { request: run, spec } = request;
  const base = sandbox.toHost(sandbox.paths.runner);
  writeInside(base, 'event', { 'event.json': JSON.stringify(run.event.payload, null, 2) });
  await sandbox.handOver(join(base, 'event'), limits.cancel);
  const github = {
    ...request.github,
    token: secrets['GITHUB_TOKEN'] ?? '',
    job: request.id,
    workspace: sandbox.paths.workspace,
    event_path: `${sandbox.paths.runner}/event/event.json`,
  };
  const job: JobState = {
    request: run,
    id: request.id,
    key: request.key,
    name: request.name,
    matrix: request.matrix,
    strategy: request.strategy,
    needs: request.needs,
    github,
    runner: runnerContext(sandbox, teller.debugging),
    sandbox,
    teller,
    secrets,
    vars,
    defaults: {
      ...run.workflow.defaults,
      ...spec.defaults,
    },
    env: { ...run.env },
    hidden: gate.url === undefined ? {} : { ANTLER_URL: gate.url },
    path: [],
    posts: [],
    cancel: limits.cancel,
    hard: limits.hard,
    matchers: createMatchers(),
    programs: new Map(),
    starved: undefined,
    number: 1,
    files: 0,
    failed: false,
    runSteps: async (frame, steps) => runSteps(job, frame, steps),
  };
  return job;
}
