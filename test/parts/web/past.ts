/** What was, of the fixture's world: history, the machine, receipts, incidents, runs. */

import type { Receipt } from '../../../src/contract/releases.ts';
import type { Run, RunEvent, RunSummary } from '../../../src/contract/runs.ts';
import type { History, IncidentWithTimeline, Machine } from '../../../src/contract/watch.ts';
import { ago, EVIL } from './fixture.ts';

const MINUTE = 60_000;
const POINTS = 60;

function times(): number[] {
  const now = Math.floor(Date.now() / MINUTE) * 60;
  return Array.from({ length: POINTS }, (_, at) => now - (POINTS - at) * 60);
}

const wave = (at: number, size: number): number => size * (1 + 0.15 * Math.sin(at / 4) + 0.05 * ((at * 37) % 7));

/** The old release until the 40th minute, then the new one, which fails more. */
export function historyOf(environment: string, service: string): History {
  const all = Array.from({ length: POINTS }, (_, at) => at);
  const column = (from: number, to: number, value: (at: number) => number): (number | null)[] =>
    all.map((at) => (at >= from && at < to ? value(at) : null));
  return {
    environment,
    service,
    from: ago(POINTS * MINUTE),
    to: ago(0),
    stepMs: MINUTE,
    times: times(),
    traffic: [
      {
        release: 'r41',
        requests: column(0, 43, (at) => wave(at, at < 40 ? 8 : 4)),
        errorRatio: column(0, 43, () => 0.001),
        p50: column(0, 43, (at) => wave(at, 5)),
        p95: column(0, 43, (at) => wave(at, 12)),
      },
      {
        release: 'r42',
        requests: column(40, 60, (at) => wave(at, at < 43 ? 4 : 8)),
        errorRatio: column(40, 60, (at) => 0.02 + (at % 5) * 0.004),
        p50: column(40, 60, (at) => wave(at, 7)),
        p95: column(40, 60, (at) => wave(at, 21)),
      },
    ],
    probes: ['edge', 'direct', 'container'].map((check) => ({
      check,
      replica: check === 'edge' ? '' : 'r42.1.7',
      release: 'r42',
      ok: all.map((at) => (at < 4 ? null : at === 41 ? 0.5 : at === 42 ? 0 : 1)),
      ms: all.map((at) => (check === 'container' ? null : wave(at, 4))),
    })),
    deploys: [{ at: ago(20 * MINUTE), release: 'r42', kind: 'promote', verdict: 'verified' }],
    transitions: [
      { at: ago(18 * MINUTE), from: 'up', to: 'down', release: 'r42', reason: `answers 500 ${EVIL}` },
      { at: ago(16 * MINUTE), from: 'down', to: 'up', release: 'r42', reason: 'answers 200' },
    ],
  };
}

export function machineOf(): Machine {
  const all = Array.from({ length: POINTS }, (_, at) => at);
  return {
    at: ago(0),
    host: 'moose-pi',
    cpu: { cores: 4, used: 0.07 },
    memory: { totalBytes: 8 * 1024 ** 3, availableBytes: 6.6 * 1024 ** 3 },
    disk: { totalBytes: 64e9, freeBytes: 41e9, path: '/var/lib/antler' },
    temperature: 48.3,
    written: { bytes: 31_000_000, perHour: 2_400_000 },
    uptimeSeconds: 1_234_567,
    daemon: { memoryBytes: 98_000_000, loopLagMs: 4, startedAt: ago(13 * 60 * MINUTE), version: '0.1.0' },
    metrics: { state: 'ok', detail: '', bytes: 12_300_000, droppedMinutes: 0 },
    history: {
      times: times(),
      cpu: all.map((at) => wave(at, 0.06)),
      memoryBytes: all.map((at) => wave(at, 1.1e9)),
      diskFreeBytes: all.map((at) => 41e9 - at * 1e6),
      temperature: all.map((at) => wave(at, 42)),
      writtenBytes: all.map((at) => wave(at, 40_000)),
    },
  };
}

export function receiptOf(environment: string, more: Partial<Receipt> = {}): Receipt {
  return {
    release: 'r42',
    environment,
    from: 'r41',
    verdict: 'verified',
    startedAt: ago(20 * MINUTE),
    endedAt: ago(19 * MINUTE),
    actor: 'ann',
    kind: 'promote',
    forced: null,
    reason: null,
    requests: { served: 13_204, lost: 0, cut: 2, unseen: 0 },
    versions: [
      { release: 'r41', served: 9120, errors: 3, latencyMs: { p50: 5, p95: 12, p99: 31 } },
      { release: 'r42', served: 4084, errors: 41, latencyMs: { p50: 7, p95: 21, p99: 64 } },
    ],
    services: [],
    approvals: [{ by: 'bob', at: ago(21 * MINUTE), via: 'web' }],
    steps: ['prod/start', 'prod/gate', 'prod/shift/10', 'prod/shift/50', 'prod/shift/100', 'prod/retire'].map((step, at) => ({
      step,
      startedAt: ago(20 * MINUTE - at * 9000),
      ms: 9000 + at * 120,
      state: 'done' as const,
    })),
    ...more,
  };
}

export function incidentOf(id: number, more: Partial<IncidentWithTimeline> = {}): IncidentWithTimeline {
  return {
    id,
    cause: 'service prod/backend',
    title: `prod/backend is down ${EVIL}`,
    severity: 'down',
    environment: 'prod',
    subjects: ['prod/backend', 'prod/frontend'],
    release: 'r42',
    openedAt: ago(4 * MINUTE),
    closedAt: null,
    acknowledged: null,
    timeline: [
      { at: ago(9 * MINUTE), kind: 'deploy', text: 'promote of r42 to prod: verified', actor: 'ann', evidence: '' },
      {
        at: ago(4 * MINUTE),
        kind: 'opened',
        text: 'prod/backend answers 500, 3 of the last 5 looks',
        actor: '',
        evidence: `<h1>Oops</h1>\n  at query (db.ts:7) ${EVIL}`,
      },
      { at: ago(4 * MINUTE), kind: 'notified', text: 'webhook pager: 200 in 84 ms', actor: '', evidence: '' },
      { at: ago(3 * MINUTE), kind: 'note', text: EVIL, actor: 'bob', evidence: '' },
    ],
    ...more,
  };
}

export function runSummaryOf(id: number, more: Partial<RunSummary> = {}): RunSummary {
  return {
    id,
    number: id,
    attempt: 1,
    workflow: 'deliver',
    path: '.github/workflows/deliver.yml',
    event: 'push',
    ref: 'refs/heads/main',
    sha: 'a1b2c3d4e5f6a7b8c9d0a1b2c3d4e5f6a7b8c9d0',
    title: `Let moose swim ${EVIL}`,
    actor: 'ann',
    state: 'completed',
    conclusion: 'failure',
    reason: null,
    release: 'r42',
    createdAt: ago(30 * MINUTE),
    startedAt: ago(30 * MINUTE),
    endedAt: ago(27 * MINUTE),
    ...more,
  };
}

const JOBS: readonly (readonly [string, readonly string[], string])[] = [
  ['types', [], 'success'],
  ['tests', [], 'success'],
  ['build', ['types', 'tests'], 'success'],
  ['dev', ['build'], 'success'],
  ['stg', ['dev'], 'failure'],
  ['prod', ['stg'], 'skipped'],
];

export function runOf(id: number): Run {
  return {
    ...runSummaryOf(id),
    jobs: JOBS.map(([key, needs, conclusion]) => ({
      key,
      name: key,
      needs: [...needs],
      state: 'completed' as const,
      conclusion: conclusion as Run['conclusion'],
      environment: ['dev', 'stg', 'prod'].includes(key) ? key : null,
      reason: key === 'prod' ? 'stg failed' : null,
      startedAt: ago(30 * MINUTE),
      endedAt: ago(27 * MINUTE),
      steps: [],
    })),
  };
}

export function runEventsOf(id: number): RunEvent[] {
  const time = ago(28 * MINUTE);
  const step = (job: string, [number, name, conclusion]: readonly [number, string, 'success' | 'failure']): RunEvent[] => [
    { kind: 'job-step', time, job, number, name, state: 'completed', conclusion },
    { kind: 'line', time, job, step: number, type: 'group', text: `Run ${name}` },
    { kind: 'line', time, job, step: number, type: 'command', text: `+ ${name}` },
    { kind: 'line', time, job, step: number, type: 'endgroup', text: '' },
    { kind: 'line', time, job, step: number, type: 'output', text: `\u001b[32mok\u001b[0m ${EVIL}` },
    ...(conclusion === 'failure'
      ? [{ kind: 'line', time, job, step: number, type: 'error', text: 'Cannot promote as r42 is not verified' } as const]
      : []),
  ];
  return runOf(id).jobs.flatMap(({ key, name, needs, conclusion, environment, reason }): RunEvent[] => [
    {
      kind: 'job',
      time,
      job: key,
      name,
      needs,
      state: 'completed',
      ...(conclusion === null ? {} : { conclusion }),
      ...(environment === null ? {} : { environment }),
      ...(reason === null ? {} : { reason }),
    },
    ...(conclusion === 'skipped'
      ? []
      : [
          ...step(key, [1, 'actions/checkout@v4', 'success']),
          ...step(key, [2, `antler ${key}`, conclusion === 'failure' ? 'failure' : 'success']),
        ]),
  ]);
}
