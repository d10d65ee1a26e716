/** How well a service is, out of its checks: folded, never voted. Pure. */

import type { HealthVerdict } from '../contract/status.ts';
import type { Sample, TargetVerdict } from './types.ts';

export interface CheckView {
  readonly verdict: TargetVerdict;
  readonly last: Sample | undefined;
  /** What says why it is not up. */
  readonly failure: Sample | undefined;
}

export interface ReplicaView {
  readonly name: string;
  readonly direct: CheckView | undefined;
  readonly container: CheckView | undefined;
  /** The release whose container runs at its name; undefined where nobody has looked or none runs. */
  readonly running: string | undefined;
  /** It is made of another image than the record says. */
  readonly foreign: boolean;
}

export interface ServiceView {
  /** The release that shall answer. */
  readonly wanted: string;
  readonly edge: CheckView | undefined;
  readonly replicas: readonly ReplicaView[];
  /** What a rollout has started, which does not serve yet by the record. */
  readonly coming: readonly ReplicaView[];
  /** A rollout is at work, or has just been; not for longer than anything may be hidden. */
  readonly deploying: boolean;
  /** The releases between which it moves the service, however long that takes. */
  readonly moving: ReadonlySet<string>;
}

export interface Folded {
  readonly verdict: HealthVerdict;
  /** For people; `''` where it is up. */
  readonly reason: string;
  /** The first KB of what came, of the check that decided. */
  readonly evidence: string;
}

/** A service in one environment. A rollout hides everything but an outage, and a release that it has nothing to do with. */
export function foldService(view: ServiceView): Folded {
  const wrong = findOutage(view) ?? findStranger(view);
  if (wrong !== undefined) return wrong;
  const folded = findStart(view) ?? findForeign(view) ?? findWeakness(view) ?? findIgnorance(view);
  if (folded !== undefined) return view.deploying ? { ...folded, verdict: 'deploying' } : folded;
  return findPassing(view) ?? findComing(view) ?? { verdict: 'up', reason: '', evidence: '' };
}

/** A monitor, or a part of Antler. */
export function foldCheck({ verdict, failure }: CheckView): Folded {
  if (verdict === 'up') return { verdict, reason: '', evidence: '' };
  return { verdict, reason: failure?.detail ?? 'nobody has looked yet', evidence: failure?.evidence ?? '' };
}

/** What is coming takes nothing down: at the most it answers already, where what served does not any more. */
function findOutage({ edge, replicas, coming }: ServiceView): Folded | undefined {
  if (edge?.verdict === 'down') return because('down', 'through the edge', edge);
  if (coming.some(isUp)) return undefined;
  const down = replicas.filter(isDown);
  const [first] = down;
  if (first === undefined || down.length < replicas.length) return undefined;
  return because('down', replicas.length === 1 ? first.name : `all ${replicas.length} replicas: ${first.name}`, culprit(first));
}

/** The release that answers where another one is wanted; what is coming has its share of the requests. */
function otherThanWanted({ wanted, edge, coming }: ServiceView): string | undefined {
  const answering = edge?.last?.outcome === 'good' || edge?.last?.outcome === 'late' ? edge.last.release : undefined;
  return answering === wanted || coming.some(({ name }) => releaseOf(name) === answering) ? undefined : answering;
}

function findStranger(view: ServiceView): Folded | undefined {
  const answering = otherThanWanted(view);
  if (answering === undefined || view.moving.has(answering)) return undefined;
  return drift(`${answering} answers, ${view.wanted} is wanted`);
}

/** The last look was before all requests went to the other side. */
function findPassing(view: ServiceView): Folded | undefined {
  const answering = otherThanWanted(view);
  if (answering === undefined) return undefined;
  return { verdict: 'deploying', reason: `${answering} answers, ${view.wanted} is wanted`, evidence: '' };
}

/** Nothing serves yet, or a one-writer volume changes hands. */
function findStart(view: ServiceView): Folded | undefined {
  if (view.replicas.length > 0 || view.coming.length === 0) return undefined;
  return findComing(view) ?? { verdict: 'deploying', reason: `${view.coming[0]?.name} does not serve yet`, evidence: '' };
}

function findComing({ coming }: ServiceView): Folded | undefined {
  const late = coming.find((each) => !isUp(each));
  if (late === undefined) return undefined;
  const said = culprit(late)?.last?.detail ?? '';
  const what = isDown(late) ? `${late.name}, which is coming, is down` : `${late.name} is being started`;
  return { verdict: 'deploying', reason: said === '' ? what : `${what}: ${said}`, evidence: '' };
}

function findForeign({ wanted, replicas }: ServiceView): Folded | undefined {
  const foreign = replicas.find((each) => each.foreign);
  if (foreign !== undefined) return drift(`${foreign.name} runs another image than ${wanted}`);
  const other = replicas.find(({ running, name }) => running !== undefined && running !== releaseOf(name));
  return other === undefined ? undefined : drift(`${other.name} runs ${other.running}`);
}

function drift(reason: string): Folded {
  return { verdict: 'drift', reason, evidence: '' };
}

function findWeakness({ edge, replicas }: ServiceView): Folded | undefined {
  const down = replicas.find(isDown);
  if (down !== undefined) return because('degraded', down.name, culprit(down));
  if (edge?.verdict === 'degraded') return because('degraded', 'through the edge', edge);
  const weak = replicas.find(({ direct, container }) => direct?.verdict === 'degraded' || container?.verdict === 'degraded');
  if (weak === undefined) return undefined;
  return because('degraded', weak.name, weak.container?.verdict === 'degraded' ? weak.container : weak.direct);
}

/** A replica that nobody has looked at yet says nothing as long as the service answers. */
function findIgnorance({ edge, replicas }: ServiceView): Folded | undefined {
  const checks = edge === undefined ? replicas.flatMap(({ direct }) => direct ?? []) : [edge];
  const unknown = checks.find(({ verdict }) => verdict === 'unknown');
  if (unknown === undefined && checks.length > 0) return undefined;
  return { verdict: 'unknown', reason: unknown?.failure?.detail ?? 'nobody has looked yet', evidence: '' };
}

function isDown({ direct, container }: Pick<ReplicaView, 'direct' | 'container'>): boolean {
  return direct?.verdict === 'down' || container?.verdict === 'down';
}

function isUp({ direct, container }: ReplicaView): boolean {
  return direct?.verdict === 'up' && !isDown({ direct, container });
}

/** What the container says explains what its port does. */
function culprit({ direct, container }: ReplicaView): CheckView | undefined {
  return container?.verdict === 'down' || container?.verdict === 'degraded' ? container : direct;
}

function because(verdict: 'down' | 'degraded', where: string, check: CheckView | undefined): Folded {
  const said = check?.failure?.detail ?? '';
  return { verdict, reason: said === '' ? where : `${where}: ${said}`, evidence: check?.failure?.evidence ?? '' };
}

/** `r42` of `r42.1.7`. */
function releaseOf(name: string): string {
  return name.split('.')[0] ?? '';
}
