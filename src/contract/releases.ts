/** Releases, rollouts and receipts as they cross the API. */

import { z } from 'zod';

export const digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/)
  .describe('As the registry has it');
export const releaseId = z
  .string()
  .regex(/^r[1-9]\d{0,8}$/)
  .describe('`r42`');
export const time = z.iso.datetime().describe('UTC, with milliseconds');

export const release = z.object({
  id: releaseId,
  app: z.string(),
  commit: z.string().describe('Git commit, or `content:<sha256>` where the tree was dirty or is no checkout'),
  dirty: z.boolean(),
  services: z.record(
    z.string(),
    z.object({
      digest,
      repository: z.string(),
      built: z.boolean().describe('False where an earlier release’s image was taken over unchanged'),
      stoodFor: z.array(z.string()).describe('Public images that a base of ours stood for'),
    }),
  ),
  createdAt: time,
  actor: z.string(),
  environments: z.array(z.string()).describe('Where it is now'),
});
export type Release = z.infer<typeof release>;

export const verdict = z
  .enum(['running', 'waiting', 'verified', 'failed', 'undone'])
  .describe('`waiting` for an approval · `undone`: the environment went back to what it had');
export type RolloutVerdict = z.infer<typeof verdict>;

export const receipt = z.object({
  release: releaseId,
  environment: z.string(),
  from: releaseId.nullable(),
  verdict,
  startedAt: time,
  endedAt: time.nullable(),
  actor: z.string(),
  kind: z.enum(['deploy', 'promote', 'rollback']),
  forced: z.object({ reason: z.string() }).nullable(),
  reason: z.string().nullable().describe('Why it failed or was undone'),
  requests: z.object({
    served: z.number(),
    lost: z.number(),
    cut: z.number().describe('Connections closed at the end of the drain'),
    unseen: z.number().describe('Counted by the edge, but its log of them was not seen'),
  }),
  versions: z.array(
    z.object({
      release: z.string(),
      served: z.number(),
      errors: z.number().describe('The app’s own 5xx'),
      latencyMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }),
    }),
  ),
  services: z.array(z.object({ service: z.string(), from: digest.nullable(), to: digest, changed: z.boolean() })),
  approvals: z.array(z.object({ by: z.string(), at: time, via: z.string() })),
  steps: z.array(
    z.object({ step: z.string(), startedAt: time, ms: z.number().nullable(), state: z.enum(['start', 'done', 'failed', 'skipped']) }),
  ),
});
export type Receipt = z.infer<typeof receipt>;

export const diff = z.object({
  a: z.object({ environment: z.string(), release: releaseId.nullable(), commit: z.string().nullable() }),
  b: z.object({ environment: z.string(), release: releaseId.nullable(), commit: z.string().nullable() }),
  same: z.boolean(),
  services: z.array(z.object({ service: z.string(), a: digest.nullable(), b: digest.nullable(), same: z.boolean() })),
  config: z
    .array(z.object({ path: z.string(), a: z.unknown(), b: z.unknown() }))
    .describe('Resolved config keys that differ between the two releases'),
});
export type Diff = z.infer<typeof diff>;
