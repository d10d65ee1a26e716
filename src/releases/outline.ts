/** The steps of a rollout before they are taken, so that people see what is next. Pure: `apply` takes exactly these. */

import { releaseId } from './names.ts';
import type { RolloutPlan } from './plan.ts';
import type { StepName } from './work.ts';

export const STEPS = {
  fetch: { step: 'fetch', title: 'fetch images' },
  start: (service: string): StepName => ({ step: `start/${service}`, title: `start ${service}` }),
  gate: (service: string): StepName => ({ step: `gate/${service}`, title: `wait until ${service} is ready` }),
  shift: (percent: number, release: number): StepName => ({
    step: `shift/${percent}`,
    title: percent === 100 ? `shift all traffic to ${releaseId(release)}` : `shift ${percent} % to ${releaseId(release)}`,
  }),
  bake: (percent: number): StepName => ({ step: `bake/${percent}`, title: `watch it at ${percent} %` }),
  enter: (service: string): StepName => ({ step: 'enter', title: `lead its port to ${service}` }),
  retire: { step: 'retire', title: 'drain and stop the old release' },
} as const;

export function outline(plan: RolloutPlan): readonly StepName[] {
  const changes = plan.services.filter((each) => each.kind === 'change');
  const early = changes.filter((each) => !each.stopFirst);
  const old = plan.services.some((each) => each.kind !== 'same' && each.old.length > 0);
  return [
    STEPS.fetch,
    ...early.map((each) => STEPS.start(each.name)),
    ...early.map((each) => STEPS.gate(each.name)),
    ...(changes.length === 0 ? [] : plan.steps).flatMap((percent) => [
      STEPS.shift(percent, plan.release.number),
      ...(plan.bakeMs > 0 ? [STEPS.bake(percent)] : []),
    ]),
    ...(plan.enters === undefined ? [] : [STEPS.enter(plan.enters)]),
    ...(old ? [STEPS.retire] : []),
  ];
}
