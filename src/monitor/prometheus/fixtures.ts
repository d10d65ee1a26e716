/** For tests: one of each kind of thing that is shown. */

import type { HttpProbe, ProbeSpec, Sample, TargetId, TargetState } from '../types.ts';
import type { MetricsInput } from './metrics.ts';

export const NOW = 1_795_000_100_000;
const HTTP: HttpProbe = { kind: 'http', url: 'http://10.0.0.1/', method: 'GET', headers: {}, status: [[200, 399]], tellsRelease: false };

function state(id: Partial<TargetId>, probe: ProbeSpec, last: Partial<Sample>): TargetState {
  const whole = { environment: '', service: '', release: '', replica: '', check: '', ...id };
  const target = { key: JSON.stringify(whole), id: whole, probe, intervalMs: 1000, timeoutMs: 1000, lateMs: 500 };
  return {
    target,
    verdict: 'up',
    since: 0,
    steadySince: 0,
    failure: undefined,
    last: { target, at: 0, outcome: 'good', ms: 12.5, detail: '', ...last },
  };
}

export function sampleInput(): MetricsInput {
  const latency = Array.from({ length: 40 }, () => 0);
  latency[1] = 60;
  latency[20] = 30;
  latency[39] = 10;
  const prod = { environment: 'prod', service: 'backend', release: 'r9' };
  return {
    now: NOW,
    app: 'moose',
    versions: [
      { environment: 'prod', release: 'r9', commit: 'abc', desired: true },
      { environment: 'prod', release: 'r8', commit: 'abd', desired: false, until: NOW - 60_000 },
    ],
    deploys: [{ environment: 'prod', at: 1_795_000_000_123 }],
    rollbacks: [{ environment: 'prod', reason: 'asked', count: 3 }],
    targets: [
      state({ ...prod, replica: 'r9.1.4', check: 'direct' }, HTTP, {}),
      state({ service: 'shop', check: 'http' }, HTTP, { outcome: 'bad', detail: 'answers 500' }),
      state(
        { service: 'site', check: 'tls' },
        { kind: 'tls', host: 'example.org', port: 443, servername: 'example.org', days: 14 },
        { expiresAt: 1_800_000_000_000 },
      ),
    ],
    services: [{ ...prod, verdict: 'up', since: 0, steadySince: 0, reason: '' }],
    traffic: [{ ...prod, served: 100, errors: 5, lost: 2, aborted: 1, unseen: 0, latency }],
    burns: [
      { environment: 'prod', service: 'backend', window: '1h', rate: 14.4 },
      { environment: 'prod', service: 'backend', window: '30d', rate: 0.25 },
    ],
    self: { loopLagMs: 4, canary: true, own: undefined },
    history: { bytes: 40_960, writtenBytes: 123_456 },
  };
}
