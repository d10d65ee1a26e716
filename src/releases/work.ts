/** What the verbs of a rollout share: the neighbours, the record, and steps that are written before they are taken. */

import type { ProgressEvent } from '../contract/events.ts';
import type { Edge } from '../edge/types.ts';
import type { Engine } from '../engines/types.ts';
import type { Images } from '../images/types.ts';
import { isoTime, type Clock } from '../kit/clock.ts';
import { toAntlerError } from '../kit/errors.ts';
import type { Platform } from '../store/store.ts';
import type { RolloutRow } from '../store/types.ts';
import type { Answer, ProbeTarget } from './probe.ts';
import type { EnvironmentPlace, Topology } from './types.ts';

export interface Neighbours {
  readonly store: Platform;
  readonly engine: Engine;
  readonly edge: Edge;
  readonly images: Images;
  readonly clock: Clock;
  readonly topology: () => Topology;
  /** Gives every service of what is deployed or on its way a place and a route, and leads each environment's port where `exposed` says. */
  readonly arrange: () => Promise<void>;
  /** Asks an address over HTTP; `probe` of this room, but in its tests. */
  readonly probe: (target: ProbeTarget, signal: AbortSignal) => Promise<Answer | undefined>;
}

/** One rollout at work. */
export interface Work extends Neighbours {
  readonly rollout: RolloutRow;
  readonly place: EnvironmentPlace;
  readonly prefix: string;
  readonly report: (event: ProgressEvent) => void;
  /** Leads the environment's port to this service; undefined: where the record says. */
  readonly enter: (service: string | undefined) => Promise<void>;
  readonly signal: AbortSignal;
}

export interface StepName {
  /** Stable key, e.g. `prod/shift/50`. */
  readonly step: string;
  readonly title: string;
}

/** Takes one step: recorded as begun, then done, then recorded as ended. `take` may return a detail for people. */
export async function step(work: Work, name: StepName, take: () => Promise<string | undefined>): Promise<void> {
  const { store, rollout, clock } = work;
  const { step: key, title } = inEnvironment(work, name);
  const startedAt = clock.now();
  const seq = store.rollouts.step(rollout.id, { step: key, title });
  const tell = (state: 'start' | 'done' | 'failed', more: { readonly ms?: number; readonly detail?: string } = {}): void => {
    work.report({ kind: 'step', time: isoTime(clock.now()), step: key, title, state, ...more });
  };
  tell('start');
  try {
    const detail = await take();
    store.rollouts.endStep(rollout.id, seq, { state: 'done', detail });
    tell('done', { ms: clock.now() - startedAt, ...(detail === undefined ? {} : { detail }) });
  } catch (error) {
    const { message } = toAntlerError(error);
    store.rollouts.endStep(rollout.id, seq, { state: 'failed', detail: message });
    tell('failed', { ms: clock.now() - startedAt, detail: message });
    throw error;
  }
}

/** Says that a step has nothing to do. */
export function skip(work: Work, name: StepName, detail: string): void {
  const { store, rollout, clock } = work;
  const named = inEnvironment(work, name);
  store.rollouts.endStep(rollout.id, store.rollouts.step(rollout.id, named), { state: 'skipped', detail });
  work.report({ kind: 'step', time: isoTime(clock.now()), ...named, state: 'skipped', detail });
}

/** What will come, for people. */
export function tellPlan(work: Work, steps: readonly StepName[]): void {
  work.report({ kind: 'plan', time: isoTime(work.clock.now()), steps: steps.map((each) => inEnvironment(work, each)) });
}

function inEnvironment({ rollout }: Work, name: StepName): StepName {
  return { step: `${rollout.environment}/${name.step}`, title: `${rollout.environment}: ${name.title}` };
}
