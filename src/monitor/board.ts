/** The board: what the record says, with what was seen of it. Pure. */

import { isoTime } from '../kit/clock.ts';
import type { Status } from '../contract/status.ts';
import type { State } from './states.ts';
import { isOutside } from './targets.ts';
import type { SubjectState } from './types.ts';

type EnvironmentStatus = Status['environments'][number];
type ServiceStatus = EnvironmentStatus['services'][number];
/** What only a history knows. */
export type Lately = Pick<ServiceStatus, 'requestsPerSecond' | 'errorRatio' | 'latencyMs' | 'versions' | 'uptime' | 'spark'>;

export interface BoardView {
  readonly subject: (environment: string, service: string) => SubjectState | undefined;
  /** The check through the edge. */
  readonly edge: (environment: string, service: string) => State | undefined;
  readonly lately: (environment: string, service: string) => Partial<Lately> | undefined;
  readonly states: readonly State[];
  readonly incidents: Status['incidents'];
  readonly notices: readonly string[];
}

export function fillBoard(status: Status, view: BoardView): Status {
  return {
    ...status,
    environments: status.environments.map((environment) => fillEnvironment(environment, view)),
    monitors: view.states.filter(({ target }) => isOutside(target.id)).map((state) => watched(state, state.target.id.service)),
    parts: view.states.filter(({ target }) => target.probe.kind === 'part').map((state) => watched(state, state.target.id.check)),
    incidents: view.incidents,
    notices: [...status.notices, ...view.notices],
  };
}

function fillEnvironment(environment: EnvironmentStatus, view: BoardView): EnvironmentStatus {
  const services = environment.services.map((service) => fillService(environment.name, service, view));
  const moving = environment.rollout !== null && environment.rollout.phase !== 'waiting';
  return { ...environment, services, verdict: moving ? 'deploying' : worst(services.map(({ verdict }) => verdict)) };
}

function fillService(environment: string, service: ServiceStatus, view: BoardView): ServiceStatus {
  const subject = view.subject(environment, service.name);
  if (subject === undefined) return service;
  const edge = view.edge(environment, service.name);
  const lately = view.lately(environment, service.name) ?? {};
  const filled = {
    ...service,
    verdict: subject.verdict,
    since: isoTime(subject.since),
    reason: subject.reason === '' ? null : subject.reason,
    latencyMs: latencyOf(edge),
    ...lately,
  };
  // One failed look decides nothing, and is nothing to hide from who looks at this moment.
  if (subject.verdict !== 'up' || edge?.last?.outcome !== 'bad') return filled;
  return {
    ...filled,
    verdict: 'degraded',
    since: isoTime(edge.last.at),
    reason: `through the edge: ${edge.last.detail}; asked again at once`,
  };
}

/** As long as nobody keeps a history: the last look. */
function latencyOf(edge: State | undefined): ServiceStatus['latencyMs'] {
  if (edge?.last === undefined || edge.last.outcome === 'bad' || edge.last.outcome === 'own') return null;
  return { p50: round(edge.last.ms), p95: null, of: 'probes' };
}

function watched({ target, verdict, since, last }: State, name: string): Status['parts'][number] {
  const answered = last?.outcome === 'good' || last?.outcome === 'late';
  return {
    name,
    kind: target.probe.kind,
    verdict,
    since: last === undefined ? null : isoTime(since),
    detail: last === undefined || last.detail === '' ? null : last.detail,
    latencyMs: answered && last.ms > 0 ? round(last.ms) : null,
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

const ORDER = ['down', 'drift', 'degraded', 'deploying', 'unknown', 'up'] as const;

function worst(verdicts: readonly Status['environments'][number]['verdict'][]): Status['environments'][number]['verdict'] {
  return ORDER.find((each) => verdicts.includes(each)) ?? 'unknown';
}
