/** A small world that speaks the contract: what the pages show, without a machine under it. */

import type { Release } from '../../../src/contract/releases.ts';
import type { HealthVerdict, Status } from '../../../src/contract/status.ts';

type Environment = Status['environments'][number];
type Service = Environment['services'][number];

const MINUTE = 60_000;
export const EVIL = '<img src=x onerror="window.evil=1"><script>window.evil=1</script>';

export function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString();
}

const digestOf = (letter: string): string => `sha256:${letter.repeat(64)}`;

export function serviceOf(name: string, verdict: HealthVerdict = 'up', more: Partial<Service> = {}): Service {
  const base = name === 'backend' ? 9 : 3;
  const release = more.release ?? 'r42';
  return {
    name,
    release,
    commit: 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0',
    digest: digestOf('a'),
    answering: release,
    verdict,
    since: ago(3 * 24 * 60 * MINUTE),
    reason: null,
    requestsPerSecond: name === 'backend' ? 8.24 : 12.5,
    errorRatio: 0,
    latencyMs: { p50: base / 2, p95: base * 1.4, of: 'traffic' },
    versions: [],
    uptime: { day: 1, month: 0.9998 },
    spark: Array.from({ length: 60 }, (_, at) => base + Math.sin(at / 5) * base * 0.2 + ((at * 7919) % 13) * base * 0.02),
    replicas: [{ name: `${name}-1`, release, digest: digestOf('a'), running: release, answering: release, verdict, detail: null }],
    coming: [],
    ...more,
  };
}

export function environmentOf(name: string, port: number, more: Partial<Environment> = {}): Environment {
  const release = more.release === undefined ? 'r42' : more.release;
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    release,
    verdict: 'up',
    hold: null,
    rollout: null,
    services: [serviceOf('backend', 'up', { release }), serviceOf('frontend', 'up', { release })],
    ...more,
  };
}

export function statusOf(more: Partial<Status> = {}): Status {
  return {
    app: 'moose-facts',
    at: ago(0),
    approvals: [],
    environments: [environmentOf('dev', 30_008), environmentOf('stg', 30_009), environmentOf('prod', 30_010, { release: 'r41' })],
    monitors: [
      { name: 'shop', kind: 'http', verdict: 'up', since: ago(2 * 60 * MINUTE), detail: 'answers 200', latencyMs: 84 },
      { name: 'certificate', kind: 'tls', verdict: 'up', since: ago(90 * 60 * MINUTE), detail: '61 days left', latencyMs: 31 },
    ],
    parts: ['edge', 'registry', 'engine'].map((name) => ({
      name,
      kind: 'part',
      verdict: 'up' as const,
      since: ago(40 * 60 * MINUTE),
      detail: 'answers',
      latencyMs: 1.2,
    })),
    incidents: [],
    notices: [],
    ...more,
  };
}

/** A bad hour: a service down, one degraded, a rollout under way, an approval that waits. */
export function badStatus(): Status {
  const stg = environmentOf('stg', 30_009, {
    verdict: 'deploying',
    rollout: { release: 'r43', from: 'r42', kind: 'promote', phase: 'shift', step: 'Give r43 half of the traffic', since: ago(14_000) },
    services: [
      serviceOf('backend', 'up', {
        answering: 'r43',
        coming: [{ name: 'r43.1.9', release: 'r43', digest: digestOf('b'), running: 'r43', answering: 'r43', verdict: 'up', detail: null }],
        versions: [
          { release: 'r42', requestsPerSecond: 4.1, errorRatio: 0.001, latencyMs: { p50: 4, p95: 11 } },
          { release: 'r43', requestsPerSecond: 4.14, errorRatio: 0.042, latencyMs: { p50: 6, p95: 31 } },
        ],
      }),
      serviceOf('frontend'),
    ],
  });
  const prod = environmentOf('prod', 30_010, {
    release: 'r41',
    verdict: 'down',
    hold: { reason: 'until the journal is read', since: ago(50 * MINUTE), by: 'ann' },
    services: [
      serviceOf('backend', 'down', {
        release: 'r41',
        since: ago(4 * MINUTE),
        reason: `answers 500 ${EVIL}`,
        errorRatio: 0.31,
        spark: Array.from({ length: 60 }, (_, at) => (at > 55 ? null : 9 + (at % 7))),
        uptime: { day: 0.9972, month: 0.9998 },
      }),
      serviceOf('frontend', 'degraded', {
        release: 'r41',
        since: ago(3 * MINUTE),
        reason: 'slow: 1.4 s',
        latencyMs: { p50: 420, p95: 1430, of: 'traffic' },
      }),
    ],
  });
  return statusOf({
    environments: [environmentOf('dev', 30_008, { release: 'r43' }), stg, prod],
    approvals: [{ id: 'a7', environment: 'prod', release: 'r43', run: null, since: ago(11 * MINUTE) }],
    incidents: [{ id: 3, title: `prod/backend is down ${EVIL}`, severity: 'down', since: ago(4 * MINUTE), acknowledged: false }],
    notices: ['History is not being written as the disk is full'],
  });
}

export function releaseOf(number: number, more: Partial<Release> = {}): Release {
  const service = { digest: digestOf('a'), repository: '127.0.0.1:5000/moose-facts/backend', built: true, stoodFor: [] };
  return {
    id: `r${number}`,
    app: 'moose-facts',
    commit: `${number}`.padEnd(40, 'a'),
    dirty: false,
    services: { backend: service, frontend: { ...service, built: false } },
    createdAt: ago((44 - number) * 7 * 60 * MINUTE),
    actor: 'ann',
    environments: number === 42 ? ['dev', 'stg'] : number === 41 ? ['prod'] : [],
    ...more,
  };
}
