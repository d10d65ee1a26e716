/** What is watched, out of what shall serve, what the config names, and what Antler is made of. Pure. */

import type { MonitorSpec } from '../config/types.ts';
import type { HttpProbe, Part, ProbeSpec, Target, TargetId } from './types.ts';

/** One container that shall serve. */
export interface WantedReplica {
  /** `<release>.<replica>.<generation>` */
  readonly name: string;
  readonly release: string;
  readonly digest: string;
  readonly container: string;
  readonly address: string;
  readonly port: number;
  readonly path: string;
  readonly timeoutMs: number;
}

export interface WantedService {
  readonly environment: string;
  readonly service: string;
  /** The release that shall answer. */
  readonly release: string;
  /** Its virtual address; undefined where it has none yet. */
  readonly edge: { readonly address: string; readonly port: number; readonly path: string; readonly timeoutMs: number } | undefined;
  readonly replicas: readonly WantedReplica[];
  /** What a rollout has started, which does not serve yet by the record. */
  readonly coming?: readonly WantedReplica[];
}

export interface WantedRollout {
  readonly environment: string;
  readonly startedAt: number;
}

/** What shall be so, by the record. The same object as long as nothing has changed. */
export interface Wanted {
  readonly services: readonly WantedService[];
  /** Under way, those that wait for an approval not counted. */
  readonly rollouts: readonly WantedRollout[];
  readonly monitors: readonly MonitorSpec[];
}

/** Antler's own parts are one service. */
export const OWN = 'antler';
const PARTS: readonly Part[] = ['edge', 'registry', 'engine'];

/**
 * With a second look after 3 s and a third after 6 s an outage is called within 21 s where connections are refused, and within 23 s where nothing answers
 * for two seconds; a tick later at worst.
 */
const SERVICE_INTERVAL = 15_000;
const PART_INTERVAL = 15_000;
/** The engine may have to be started first. */
const PART_TIMEOUTS: Readonly<Record<Part, number>> = { edge: 3000, registry: 3000, engine: 15_000 };
const CONTAINER_TIMEOUT = 1000; // nobody is asked
const WELL = [[200, 399]] as const;

export function planTargets({ services, monitors }: Pick<Wanted, 'services' | 'monitors'>): readonly Target[] {
  return [
    ...services.flatMap((service) => serviceTargets(service)),
    ...monitors.map((monitor) => monitorTarget(monitor)),
    ...PARTS.map((part) => target(idOfPart(part), { kind: 'part', part }, { intervalMs: PART_INTERVAL, timeoutMs: PART_TIMEOUTS[part] })),
  ];
}

export function keyOf({ environment, service, release, replica, check }: TargetId): string {
  return `${environment}/${service}/${release}/${replica}/${check}`;
}

/** Nothing of the config or the instance: the world outside. */
export function isOutside({ environment, service }: TargetId): boolean {
  return environment === '' && service !== OWN;
}

function serviceTargets({ environment, service, release, edge, replicas, coming = [] }: WantedService): readonly Target[] {
  const at = (replica: Pick<WantedReplica, 'name' | 'release'> | undefined, check: string): TargetId => ({
    environment,
    service,
    release: replica?.release ?? release,
    replica: replica?.name ?? '',
    check,
  });
  // A failed look says whether the connection was refused, the answer late or wrong: a look at the port alone would add nothing.
  const replicaTargets = (replica: WantedReplica): readonly Target[] => [
    target(at(replica, 'direct'), readiness(replica, false), pace(replica.timeoutMs)),
    target(at(replica, 'container'), { kind: 'container', name: replica.container }, pace(CONTAINER_TIMEOUT)),
  ];
  return [
    ...(edge === undefined ? [] : [target(at(undefined, 'edge'), readiness(edge, true), pace(edge.timeoutMs))]),
    ...replicas.flatMap((replica) => replicaTargets(replica)),
    ...coming.flatMap((replica) => replicaTargets(replica).map((each) => ({ ...each, coming: true }))),
  ];
}

interface Place {
  readonly address: string;
  readonly port: number;
  readonly path: string;
}

function readiness({ address, port, path }: Place, tellsRelease: boolean): HttpProbe {
  return { kind: 'http', url: `http://${address}:${port}${path}`, method: 'GET', headers: {}, status: WELL, tellsRelease };
}

function pace(timeoutMs: number): Pace {
  return { intervalMs: SERVICE_INTERVAL, timeoutMs };
}

export function idOfPart(part: Part): TargetId {
  return { environment: '', service: OWN, release: '', replica: '', check: part };
}

function monitorTarget(monitor: MonitorSpec): Target {
  const id = { environment: '', service: monitor.name, release: '', replica: '', check: monitor.kind };
  return target(id, probeOf(monitor), { ...monitor, ...(monitor.kind === 'http' ? { lateMs: monitor.lateMs } : {}) });
}

function probeOf(monitor: MonitorSpec): ProbeSpec {
  switch (monitor.kind) {
    case 'http': {
      const { url, status, body, json, headers } = monitor;
      const wants = { ...(body === undefined ? {} : { body }), ...(json === undefined ? {} : { json }) };
      return { kind: 'http', url, method: 'GET', headers, status, tellsRelease: false, ...wants };
    }
    case 'tcp':
      return { kind: 'tcp', host: monitor.host, port: monitor.port };
    case 'tls':
      return { kind: 'tls', host: monitor.host, port: monitor.port, servername: monitor.host, days: monitor.days };
    case 'dns': {
      const { host, type, server, expect } = monitor;
      return { kind: 'dns', name: host, type, ...(server === undefined ? {} : { server }), ...(expect === undefined ? {} : { expect }) };
    }
    default:
      return monitor satisfies never;
  }
}

interface Pace {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** Half of the limit unless said. */
  readonly lateMs?: number;
}

function target(id: TargetId, probe: ProbeSpec, { intervalMs, timeoutMs, lateMs }: Pace): Target {
  return { key: keyOf(id), id, probe, intervalMs, timeoutMs, lateMs: lateMs ?? timeoutMs / 2 };
}
