/** `antler status`: the three truths side by side. */

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
      services: z.array(
        z.object({
          name: z.string(),
          release: releaseId.nullable(),
          commit: z.string().nullable(),
          digest: digest.nullable(),
          answering: releaseId.nullable(),
          verdict: healthVerdict,
          replicas: z.array(replica),
        }),
      ),
    }),
  ),
});
export type Status = z.infer<typeof status>;
