/** Wires what Prometheus is shown: versions and rollouts from the record, looks from the monitor, requests from the edge. */

import type { Edge } from '../edge/types.ts';
import { metricsText, readBurns, type Burn, type Monitor, type VersionFact } from '../monitor/monitor.ts';
import { systemClock } from '../kit/clock.ts';
import type { Platform } from '../store/store.ts';
import type { Metrics } from '../store/types.ts';

export interface PrometheusOptions {
  readonly store: Platform;
  readonly edge: Edge;
  readonly monitor: Pick<Monitor, 'targets' | 'seen' | 'self'>;
  readonly metrics: Pick<Metrics, 'state' | 'uptime' | 'traffic'>;
  readonly signal: AbortSignal;
}

const TRAFFIC_MS = 2000;
/** The history has minutes: more often there is nothing new. */
const BURNS_MS = 60_000;
/** What ended before is not asked for: it is shown no more. */
const DAY_MS = 24 * 60 * 60_000;

export function createPrometheus({ store, edge, monitor, metrics, signal }: PrometheusOptions): () => Promise<string> {
  const commits = new Map<number, string>();
  const commitOf = (release: number): string => {
    const known = commits.get(release) ?? store.releases.get(release)?.commit ?? '';
    commits.set(release, known);
    return known;
  };
  const versions = (now: number): VersionFact[] =>
    versionsOf(store, now).map((each) => ({ ...each, release: `r${each.release}`, commit: commitOf(each.release) }));
  let burns: { readonly at: number; readonly read: Promise<readonly Burn[]> } | undefined;
  const burnsNow = async (): Promise<readonly Burn[]> => {
    const at = performance.now();
    if (burns === undefined || at - burns.at > BURNS_MS) {
      const services = monitor.seen().services.filter(({ environment }) => environment !== '');
      burns = { at, read: readBurns(metrics, services, systemClock.now()) };
    }
    return burns.read;
  };
  return async () => {
    const now = systemClock.now();
    return metricsText({
      app: store.releases.app()?.name ?? '',
      now,
      versions: versions(now),
      deploys: store.rollouts.begun(),
      rollbacks: store.rollouts.wentBack(),
      targets: monitor.targets(),
      services: monitor.seen().services,
      // An edge that is down is no reason to show nothing.
      traffic: await edge.traffic(AbortSignal.any([signal, AbortSignal.timeout(TRAFFIC_MS)])).catch(() => []),
      burns: await burnsNow(),
      self: monitor.self(),
      history: metrics.state(),
    });
  };
}

type Fact = Omit<VersionFact, 'release' | 'commit'> & { readonly release: number };

/** What runs in each environment, what is coming, and what did within a day. A service that a rollout did not have to change keeps the release that started it. */
export function versionsOf(store: Pick<Platform, 'environments' | 'rollouts'>, now: number): readonly Fact[] {
  const wanted = new Map(store.environments.list().map(({ name, release }) => [name, release]));
  const rows = Map.groupBy(store.environments.replicas(), ({ environment }) => environment);
  return [...new Set([...wanted.keys(), ...rows.keys()])].flatMap((environment) => {
    const desired = wanted.get(environment);
    const live = new Set([...(desired === undefined ? [] : [desired]), ...(rows.get(environment) ?? []).map(({ release }) => release)]);
    const before = new Map<number, number>();
    for (const { release, from, endedAt } of store.rollouts.since(environment, now - DAY_MS)) {
      if (endedAt === undefined) continue;
      for (const each of from === undefined ? [release] : [release, from])
        if (!live.has(each)) before.set(each, Math.max(endedAt, before.get(each) ?? 0));
    }
    return [
      ...[...live].map((release) => ({ environment, release, desired: release === desired })),
      ...[...before].map(([release, until]) => ({ environment, release, desired: false, until })),
    ];
  });
}
