/** What is known of a container without a request: by its keeper, then by what the engine said last. */

import type { Exit } from '../engines/types.ts';
import type { Observed } from './observed.ts';
import type { Known } from './probes/probes.ts';
import type { Wanted } from './targets.ts';

export interface Kept {
  readonly kind: 'running' | 'restarting' | 'crash-loop';
  readonly detail: string;
  /** How it ended last. */
  readonly end?: Pick<Exit, 'exitCode' | 'reason' | 'at'>;
}

export function lookAtContainer(name: string, keeper: (container: string) => Kept, observed: Pick<Observed, 'byName' | 'fresh'>): Known {
  const { kind, detail } = keeper(name);
  if (kind === 'crash-loop') return { outcome: 'bad', detail };
  if (kind === 'restarting') return { outcome: 'late', detail };
  if (!observed.fresh()) return undefined;
  const state = observed.byName(name)?.state;
  if (state?.kind === 'running') return { outcome: 'good', detail: '' };
  if (state?.kind === 'exited') return { outcome: 'bad', detail: `ended with ${state.exitCode} (${state.reason})` };
  return { outcome: 'bad', detail: state === undefined ? 'no container' : state.kind };
}

/** One that a rollout is starting and that did not run when the engine was asked: nobody tells when it does. */
export function findStarting({ services }: Pick<Wanted, 'services'>, { byName }: Pick<Observed, 'byName'>): string | undefined {
  return services.flatMap(({ coming = [] }) => coming).find(({ container }) => byName(container)?.state.kind !== 'running')?.container;
}
