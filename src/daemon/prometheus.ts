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

/** Versions of an environment that are shown, unless more serve there. */
const MOST = 5;
const TRAFFIC_MS = 2000;
/** The history has minutes: more often there is nothing new. */
const BURNS_MS = 60_000;

export function createPrometheus({ store, edge, monitor, metrics, signal }: PrometheusOptions): () => Promise<string> {
  const commits = new Map<number, string>();
  const commitOf = (release: number): string => {
    const known = commits.get(release) ?? store.releases.get(release)?.commit ?? '';
    commits.set(release, known);
    return known;
  };
  /** A service that a rollout did not have to change keeps the release that started it. */
  const servingIn = (environment: string): number[] =>
    store.environments.replicas(environment).flatMap(({ state, release }) => (state === 'serving' ? [release] : []));
  const versions = (): VersionFact[] =>
    store.environments.list().flatMap(({ name, release: wanted }) => {
      const live = new Set([...(wanted === undefined ? [] : [wanted]), ...servingIn(name)]);
      const before = store.rollouts.verified(name).flatMap(({ release }) => (live.has(release) ? [] : [release]));
      const shown = [...live, ...new Set(before)].slice(0, Math.max(MOST, live.size));
      return shown.map((release) => ({
        environment: name,
        release: `r${release}`,
        commit: commitOf(release),
        desired: release === wanted,
      }));
    });
  let burns: { readonly at: number; readonly read: Promise<readonly Burn[]> } | undefined;
  const burnsNow = async (): Promise<readonly Burn[]> => {
    const at = performance.now();
    if (burns === undefined || at - burns.at > BURNS_MS) {
      const services = monitor.seen().services.filter(({ environment }) => environment !== '');
      burns = { at, read: readBurns(metrics, services, systemClock.now()) };
    }
    return burns.read;
  };
  return async () =>
    metricsText({
      app: store.releases.app()?.name ?? '',
      versions: versions(),
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
}
