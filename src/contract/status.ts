/** `antler status` and the console's matrix: one query, the three truths side by side and how well it is. */

import { z } from 'zod';

import { digest, releaseId, time } from './releases.ts';

export const healthVerdict = z.enum(['unknown', 'up', 'degraded', 'down', 'deploying', 'drift']);
export type HealthVerdict = z.infer<typeof healthVerdict>;

const replica = z.object({
  name: z.string(),
  release: releaseId.describe('Wanted: the record says'),
  digest,
  running: releaseId.nullable().describe('The engine’s label says'),
  answering: releaseId.nullable().describe('The probe through the edge proves; null where it does not answer'),
  verdict: healthVerdict,
  detail: z.string().nullable().describe('Exit code and reason, crash loop, last check'),
});

/** One release's share of the requests. */
const versionLately = z.object({
  release: z.string().describe('`none`: the edge itself answered'),
  requestsPerSecond: z.number(),
  errorRatio: z.number().nullable(),
  latencyMs: z.object({ p50: z.number(), p95: z.number() }).nullable(),
});

/** What was watched lately of one service; null where nothing was. */
const lately = {
  since: time.nullable().describe('When the verdict became so'),
  reason: z.string().nullable().describe('Why it is not up'),
  requestsPerSecond: z.number().nullable().describe('Through the edge, over the last five minutes'),
  errorRatio: z.number().nullable().describe('The application’s own 5xx and what was lost, of all requests of the last five minutes'),
  latencyMs: z
    .object({ p50: z.number().nullable(), p95: z.number().nullable(), of: z.enum(['traffic', 'probes']) })
    .nullable()
    .describe('Of real requests where there were any in the last five minutes, else of the checks through the edge'),
  versions: z.array(versionLately).describe('The same requests by release, the newest last'),
  uptime: z.object({ day: z.number().nullable(), month: z.number().nullable() }).describe('Share of good checks through the edge'),
  spark: z
    .array(z.number().nullable())
    .describe('Mean ms of the checks through the edge, a minute each, the last hour; null where none was good'),
};

/** What the monitor knows of a service that nobody has watched yet. */
export const UNWATCHED = {
  since: null,
  reason: null,
  requestsPerSecond: null,
  errorRatio: null,
  latencyMs: null,
  versions: [],
  uptime: { day: null, month: null },
  spark: [],
};

export const movement = z.object({
  release: releaseId,
  from: releaseId.nullable(),
  kind: z.enum(['deploy', 'promote', 'rollback']),
  phase: z.enum(['waiting', 'start', 'gate', 'shift', 'retire', 'ended']),
  step: z.string().nullable().describe('What it does now, for people'),
  since: time,
});

export const watched = z.object({
  name: z.string(),
  kind: z.string().describe('`http`, `tcp`, `tls`, `dns`; `part` of Antler itself'),
  verdict: healthVerdict,
  since: time.nullable(),
  detail: z.string().nullable().describe('What the last look gave'),
  latencyMs: z.number().nullable(),
});

export const status = z.object({
  app: z.string(),
  at: time,
  approvals: z.array(
    z.object({
      id: z.string(),
      environment: z.string(),
      release: releaseId.nullable().describe('Null where a job waits before anything was built'),
      run: z.number().nullable().describe('The workflow run whose job waits; null where a rollout waits'),
      since: time,
    }),
  ),
  environments: z.array(
    z.object({
      name: z.string(),
      url: z.string().nullable(),
      release: releaseId.nullable(),
      verdict: healthVerdict,
      hold: z.object({ reason: z.string(), since: time, by: z.string() }).nullable(),
      rollout: movement.nullable().describe('What is being rolled out'),
      services: z.array(
        z.object({
          name: z.string(),
          release: releaseId.nullable(),
          commit: z.string().nullable(),
          digest: digest.nullable(),
          answering: releaseId.nullable(),
          verdict: healthVerdict,
          ...lately,
          replicas: z.array(replica).describe('That shall serve'),
          coming: z.array(replica).describe('That a rollout has started; by the record they do not serve yet'),
        }),
      ),
    }),
  ),
  monitors: z.array(watched).describe('What the config watches outside'),
  parts: z.array(watched).describe('Antler’s own: edge, registry, engine'),
  incidents: z
    .array(
      z.object({
        id: z.number(),
        title: z.string(),
        severity: z.enum(['down', 'degraded', 'drift']),
        since: time,
        acknowledged: z.boolean(),
      }),
    )
    .describe('Open now'),
  notices: z.array(z.string()).describe('What Antler has to say of itself, e.g. that history is not being written'),
});
export type Status = z.infer<typeof status>;
