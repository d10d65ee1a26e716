/** Answers of the API as the contract has them, for the CLI's tests. */

import type { Diff, Receipt, Release } from '../../../src/contract/releases.ts';
import { type Status, UNWATCHED } from '../../../src/contract/status.ts';
import type { Incident, IncidentWithTimeline } from '../../../src/contract/watch.ts';

export const TIME = '2026-11-23T12:00:00.000Z';
export const DIGEST = `sha256:${'1234567890abcdef'.repeat(4)}`;
const OTHER = `sha256:${'fedcba0987654321'.repeat(4)}`;
const COMMIT = '3f2a91c4d5e6f708192a3b4c5d6e7f8091a2b3c4';

export const STATUS: Status = {
  app: 'moose-facts',
  at: TIME,
  approvals: [{ id: 'a7', environment: 'prod', release: 'r42', run: null, since: TIME }],
  environments: [
    {
      name: 'dev',
      url: 'http://192.168.178.40:30008',
      release: 'r42',
      verdict: 'up',
      hold: null,
      rollout: null,
      services: [service('backend', 'r42'), service('frontend', 'r42')],
    },
    {
      name: 'prod',
      url: 'http://192.168.178.40:30010',
      release: 'r41',
      verdict: 'down',
      hold: { reason: 'rolled back from r40', since: TIME, by: 'root' },
      rollout: null,
      services: [
        service('backend', 'r41'),
        {
          ...service('frontend', 'r41'),
          answering: null,
          verdict: 'down',
          replicas: [
            replica('frontend.1', 'r41'),
            { ...replica('frontend.2', 'r41'), running: null, answering: null, verdict: 'down', detail: 'exited 137: out of memory' },
          ],
        },
      ],
    },
    { name: 'stg', url: null, release: null, verdict: 'unknown', hold: null, rollout: null, services: [] },
  ],
  monitors: [],
  parts: [],
  incidents: [],
  notices: [],
};

export const RELEASE: Release = {
  id: 'r42',
  app: 'moose-facts',
  commit: COMMIT,
  dirty: false,
  services: {
    backend: { digest: DIGEST, repository: '127.0.0.1:30500/moose-facts/backend', built: true, stoodFor: [] },
    frontend: { digest: OTHER, repository: '127.0.0.1:30500/moose-facts/frontend', built: false, stoodFor: [] },
  },
  createdAt: TIME,
  actor: 'root',
  environments: ['dev'],
};

export const RECEIPT: Receipt = {
  release: 'r42',
  environment: 'prod',
  from: 'r41',
  verdict: 'verified',
  startedAt: TIME,
  endedAt: '2026-11-23T12:00:43.200Z',
  actor: 'root',
  kind: 'promote',
  forced: null,
  reason: null,
  requests: { served: 12_345, lost: 0, cut: 0, unseen: 0 },
  versions: [
    { release: 'r41', served: 6000, errors: 0, latencyMs: { p50: 2, p95: 8, p99: 21 } },
    { release: 'r42', served: 6345, errors: 1, latencyMs: { p50: 2, p95: 7, p99: null } },
  ],
  services: [{ service: 'backend', from: OTHER, to: DIGEST, changed: true }],
  approvals: [{ by: 'root', at: TIME, via: 'cli' }],
  steps: [{ step: 'prod/shift/50', startedAt: TIME, ms: 120, state: 'done' }],
};

export const DIFF: Diff = {
  a: { environment: 'dev', release: 'r42', commit: COMMIT },
  b: { environment: 'prod', release: 'r41', commit: null },
  same: false,
  services: [
    { service: 'backend', a: DIGEST, b: OTHER, same: false },
    { service: 'frontend', a: OTHER, b: OTHER, same: true },
  ],
  config: [{ path: 'environments.prod.replicas', a: 1, b: 2 }],
};

function replica(name: string, release: string): Status['environments'][number]['services'][number]['replicas'][number] {
  return { name, release, digest: DIGEST, running: release, answering: release, verdict: 'up', detail: null };
}

function service(name: string, release: string): Status['environments'][number]['services'][number] {
  return {
    name,
    release,
    commit: COMMIT,
    digest: DIGEST,
    answering: release,
    verdict: 'up',
    ...UNWATCHED,
    replicas: [replica(`${name}.1`, release)],
    coming: [],
  };
}

export const INCIDENT: Incident = {
  id: 7,
  cause: 'service prod/backend',
  title: 'prod/backend is down',
  severity: 'down',
  environment: 'prod',
  subjects: ['prod/backend'],
  release: 'r43',
  openedAt: TIME,
  closedAt: null,
  acknowledged: null,
};

export const TIMELINE: IncidentWithTimeline = {
  ...INCIDENT,
  timeline: [
    { at: TIME, kind: 'opened', text: 'prod/backend (r43) is down: answers 500', actor: '', evidence: '<h1>Oops</h1>\nno database' },
    { at: TIME, kind: 'note', text: 'the cable\nagain', actor: 'ana', evidence: '' },
  ],
};
