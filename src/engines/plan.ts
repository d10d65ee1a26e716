/** Which containers must change so that what runs is what is wanted: pure; "nothing to do" is an empty list. */

import { LABELS } from './labels.ts';
import { specDigest } from './spec.ts';
import type { Container, ContainerSpec } from './types.ts';

export interface WantedContainer {
  readonly spec: ContainerSpec;
  /** `stopped`: kept for going back, without running. */
  readonly state: 'running' | 'stopped';
}

/** One step, in the words in which it is shown. */
export type Change =
  | { readonly kind: 'remove'; readonly name: string; readonly why: string }
  | { readonly kind: 'create'; readonly spec: ContainerSpec; readonly why: string }
  | { readonly kind: 'start'; readonly name: string; readonly why: string }
  | { readonly kind: 'stop'; readonly name: string; readonly why: string };

/**
 * `observed`: all containers of the instance. What is not wanted goes, first, since its address may be wanted; what is made of another spec (image, settings,
 * address) goes and comes again; what stands still and shall run is started, also what was only `created`.
 */
export function planContainers(wanted: readonly WantedContainer[], observed: readonly Container[]): readonly Change[] {
  const byName = new Map(observed.map((container) => [container.name, container]));
  const names = new Set(wanted.map(({ spec }) => spec.name));
  const strangers = observed.filter(({ name }) => !names.has(name));
  const removals: Change[] = strangers.map(({ name }) => ({ kind: 'remove', name, why: 'nothing wants it' }));
  const rest: Change[] = [];
  for (const { spec, state } of wanted) {
    const found = byName.get(spec.name);
    const same = found !== undefined && found.labels[LABELS.spec] === specDigest(spec) && found.state.kind !== 'removing';
    if (found !== undefined && !same) removals.push({ kind: 'remove', name: spec.name, why: whyRemoved(found) });
    if (!same) rest.push({ kind: 'create', spec, why: found === undefined ? 'it is not there' : 'it was made otherwise' });
    const runs = same && found.state.kind === 'running';
    if (state === 'running' && !runs) rest.push({ kind: 'start', name: spec.name, why: same ? whyStarted(found) : 'it is new' });
    if (state === 'stopped' && runs) rest.push({ kind: 'stop', name: spec.name, why: 'it is kept without running' });
  }
  return [...removals, ...rest];
}

function whyRemoved({ state }: Container): string {
  return state.kind === 'removing' ? 'its removal was not finished' : 'it was made otherwise';
}

function whyStarted({ state }: Container): string {
  switch (state.kind) {
    case 'created':
      return 'it was never started';
    case 'exited':
      return `it ended with ${state.exitCode} (${state.reason})`;
    case 'running':
    case 'removing':
      return 'it does not run';
    default:
      return state satisfies never;
  }
}
