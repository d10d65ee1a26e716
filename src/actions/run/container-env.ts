/** `container.env`, which may name what no other key of a job may: its secrets, its `env`, its runner. Pure. */

import { evaluateTexts } from './evaluate.ts';
import { runnerContext, type PlaceFacts } from './github.ts';
import type { ContainerAsk } from './job-asks.ts';
import type { JobRequest } from './job-state.ts';

export interface ContainerEnvInput {
  readonly request: JobRequest;
  readonly asks: ContainerAsk;
  readonly secrets: Readonly<Record<string, string>>;
  readonly vars: Readonly<Record<string, string>>;
}

/** For a place that has its name already. Throws where an expression cannot be evaluated. */
export function containerEnv({ request, asks, secrets, vars }: ContainerEnvInput, place: PlaceFacts): Readonly<Record<string, string>> {
  const { spec, request: run, scope, github } = request;
  const env: Record<string, string> = { ...run.env };
  const contexts = {
    ...scope.contexts,
    github: { ...github, token: secrets['GITHUB_TOKEN'] ?? '', job: request.id },
    secrets,
    vars,
    env,
    runner: runnerContext(place, run.debug === true),
    job: { status: 'success', container: {}, services: {} },
    steps: {},
  };
  for (const layer of [run.workflow.env, spec.env]) Object.assign(env, evaluateTexts(layer, { contexts }));
  return { ...asks.env, ...evaluateTexts(asks.envTemplate, { contexts }) };
}
