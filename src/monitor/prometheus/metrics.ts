/** What Antler shows to Prometheus: by version, a few series each, no more than the last five versions of an environment, a day long, and what runs there. Pure. */

import type { Traffic } from '../../edge/types.ts';
import type { MetricsState } from '../../store/types.ts';
import type { SelfState, SubjectState, TargetState } from '../types.ts';
import { OBJECTIVE, type Burn } from '../slo.ts';
import { durationSamples } from './durations.ts';
import { exposition, type Family, type PromSample } from './text.ts';

export interface MetricsInput {
  readonly now: number;
  readonly app: string;
  readonly versions: readonly VersionFact[];
  /** The last rollout that was begun, by environment. */
  readonly deploys: readonly { readonly environment: string; readonly at: number }[];
  /** Since the instance was made. */
  readonly rollbacks: readonly { readonly environment: string; readonly reason: string; readonly count: number }[];
  readonly targets: readonly TargetState[];
  readonly services: readonly SubjectState[];
  readonly traffic: readonly Traffic[];
  readonly burns: readonly Burn[];
  readonly self: SelfState;
  readonly history: Pick<MetricsState, 'bytes' | 'writtenBytes'>;
}

export interface VersionFact {
  readonly environment: string;
  /** `r42` */
  readonly release: string;
  readonly commit: string;
  /** What shall run. */
  readonly desired: boolean;
  /** When the last rollout that had to do with it ended; undefined as long as it runs, or is coming. */
  readonly until?: number;
}

const MOST_VERSIONS = 5;
/** Who scrapes has seen it by then; each series more costs every Prometheus memory. */
const SHOWN_MS = 24 * 60 * 60_000;
const STATES = ['unknown', 'up', 'degraded', 'down', 'deploying', 'drift'] as const;

export function metricsText(input: MetricsInput): string {
  const shown = shownVersions(input);
  const seconds = (ms: number): number => ms / 1000;
  const { app, self, history } = input;
  const targets = input.targets.filter(({ target: { id } }) => shown(id.environment, id.release));
  const traffic = input.traffic.filter(({ environment, release }) => shown(environment, release));
  const families: readonly Family[] = [
    gauge(
      'app_info',
      'Releases by environment; `desired` says which shall run.',
      input.versions
        .filter(({ environment, release }) => shown(environment, release))
        .map(({ environment, release, commit, desired }) => [
          { app, env: environment, version: release, commit, desired: String(desired) },
          1,
        ]),
    ),
    gauge(
      'app_deploy_timestamp_seconds',
      'When the last rollout of the environment began.',
      input.deploys.map(({ environment, at }) => [{ app, env: environment }, seconds(at)]),
    ),
    gauge(
      'probe_success',
      'Whether the last look was good; looks that say nothing, as the fault was Antler’s, are left out.',
      targets.flatMap((state) =>
        state.last === undefined || state.last.outcome === 'own' ? [] : [[probeLabels(app, state), well(state)]],
      ),
    ),
    gauge(
      'probe_duration_seconds',
      'How long the last good look took.',
      targets.flatMap((state) =>
        well(state) === 1 && (state.last?.ms ?? 0) > 0 ? [[probeLabels(app, state), seconds(state.last?.ms ?? 0)]] : [],
      ),
    ),
    gauge(
      'probe_state',
      'The verdict on each service: 1 for the state that it is in.',
      input.services.flatMap(({ environment, service, release, verdict }) =>
        STATES.map((state) => [{ app, env: environment, service, version: release, state }, state === verdict ? 1 : 0] as const),
      ),
    ),
    gauge(
      'probe_cert_expiry_timestamp_seconds',
      'When the certificate ends.',
      targets.flatMap(({ target, last }) =>
        target.probe.kind === 'tls' && last?.expiresAt !== undefined
          ? [[{ app, env: target.id.environment, host: target.probe.host }, seconds(last.expiresAt)]]
          : [],
      ),
    ),
    {
      name: 'http_requests_total',
      help: 'Requests through the edge since the daemon started; `lost`: no answer came. Code classes other than 5xx are counted as one.',
      type: 'counter',
      samples: traffic.flatMap((each): PromSample[] =>
        [['non-5xx', each.served - each.errors] as const, ['5xx', each.errors] as const, ['lost', each.lost] as const].map(
          ([code, value]) => ({
            labels: { ...trafficLabels(app, each), code },
            value,
          }),
        ),
      ),
    },
    {
      name: 'http_request_duration_seconds',
      help: 'Of whole answers through the edge since the daemon started; the sum is good to 5 percent, as latencies are kept in buckets.',
      type: 'histogram',
      samples: traffic.flatMap((each) => durationSamples(each.latency, trafficLabels(app, each))),
    },
    gauge(
      'slo_error_budget_remaining_ratio',
      `What is left of the budget of 30 days: ${percent(1 - OBJECTIVE)} of checks and requests may fail; below 0 it is overspent.`,
      input.burns.flatMap((burn) => (burn.window === '30d' ? [[sloLabels(app, burn), 1 - burn.rate]] : [])),
    ),
    gauge(
      'slo_burn_rate',
      'How fast the budget is spent: 1 spends it in just 30 days.',
      input.burns.map((burn) => [sloLabels(app, burn), burn.rate]),
    ),
    {
      name: 'rollback_total',
      help: 'Environments that went back, since the instance was made: `asked` by somebody, `failed` as the new release did not hold.',
      type: 'counter',
      samples: input.rollbacks.map(({ environment, reason, count }) => ({ labels: { app, env: environment, reason }, value: count })),
    },
    gauge('monitor_loop_lag_seconds', 'Longest stall of the daemon’s event loop in the last minute.', [[{}, seconds(self.loopLagMs)]]),
    gauge('monitor_db_bytes', 'Size of metrics.db.', [[{}, history.bytes]]),
    {
      name: 'monitor_write_bytes_total',
      help: 'Bytes that the history has written since the daemon started.',
      type: 'counter',
      samples: [{ labels: {}, value: history.writtenBytes }],
    },
  ];
  return exposition(families);
}

function gauge(
  name: string,
  help: string,
  values: readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[],
): Family {
  return { name, help, type: 'gauge', samples: values.map(([labels, value]) => ({ labels, value })) };
}

function well({ last }: TargetState): number {
  return last?.outcome === 'good' || last?.outcome === 'late' ? 1 : 0;
}

function probeLabels(app: string, { target: { id } }: TargetState): Readonly<Record<string, string>> {
  const { environment, service, release, replica, check } = id;
  return { app, env: environment, service, version: release, instance: replica, check };
}

function trafficLabels(app: string, { environment, service, release }: Traffic): Readonly<Record<string, string>> {
  return { app, env: environment, service, version: release };
}

function sloLabels(app: string, { environment, service, window }: Burn): Readonly<Record<string, string>> {
  return { app, env: environment, service, slo: 'availability', window };
}

function percent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))} %`;
}

/**
 * The last five of an environment that ran there within a day, what shall run there, and what does: a service that no rollout had to change may be older.
 * `none` and what is of no release always.
 */
function shownVersions({ now, versions, targets }: MetricsInput): (environment: string, release: string) => boolean {
  const byEnvironment = new Map<string, Set<number>>();
  const note = (environment: string, release: string): void => {
    const number = numberOf(release);
    if (number === undefined) return;
    byEnvironment.set(environment, (byEnvironment.get(environment) ?? new Set()).add(number));
  };
  // What requests are counted of, and the record does not know as of the last day, is older.
  const recent = versions.filter(({ until }) => until === undefined || now - until < SHOWN_MS);
  for (const { environment, release } of [...recent, ...targets.map(({ target }) => target.id)]) note(environment, release);
  const newest = new Map(
    [...byEnvironment].map(([environment, numbers]) => [environment, [...numbers].sort((a, b) => b - a).slice(0, MOST_VERSIONS)]),
  );
  const live = new Set(
    [...versions.filter((each) => each.until === undefined), ...targets.map(({ target }) => target.id)].map(
      ({ environment, release }) => `${environment} ${release}`,
    ),
  );
  return (environment, release) => {
    const number = numberOf(release);
    return number === undefined || live.has(`${environment} ${release}`) || newest.get(environment)?.includes(number) === true;
  };
}

function numberOf(release: string): number | undefined {
  const digits = /^r(\d+)$/.exec(release)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
