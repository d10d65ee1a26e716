/** History, incidents, the machine and the console's sign-in as they cross the API. */

import { z } from 'zod';

import { releaseId, time } from './releases.ts';
import { status } from './status.ts';

export const range = z.enum(['1h', '6h', '1d', '7d', '30d', '1y']);
export type Range = z.infer<typeof range>;

/** Columns by time: `null` where nothing was counted. Every series of one answer has the same times. */
const series = z.object({
  release: z.string().describe('`r42`; `none` where the edge answered itself'),
  requests: z.array(z.number().nullable()).describe('A second'),
  errorRatio: z.array(z.number().nullable()),
  p50: z.array(z.number().nullable()),
  p95: z.array(z.number().nullable()),
});

export const history = z.object({
  environment: z.string(),
  service: z.string(),
  from: time,
  to: time,
  stepMs: z.number(),
  times: z.array(z.number()).describe('Seconds since 1970'),
  traffic: z.array(series).describe('By release, the newest last'),
  probes: z.array(
    z.object({
      check: z.string(),
      replica: z.string(),
      release: z.string(),
      ok: z.array(z.number().nullable()).describe('Share of good checks'),
      ms: z.array(z.number().nullable()).describe('Mean'),
    }),
  ),
  deploys: z.array(z.object({ at: time, release: releaseId, kind: z.enum(['deploy', 'promote', 'rollback']), verdict: z.string() })),
  transitions: z.array(z.object({ at: time, from: z.string(), to: z.string(), release: z.string(), reason: z.string() })),
});
export type History = z.infer<typeof history>;

export const incident = z.object({
  id: z.number(),
  cause: z.string(),
  title: z.string(),
  severity: z.enum(['down', 'degraded', 'drift']),
  environment: z.string(),
  subjects: z.array(z.string()).describe('`prod/backend`'),
  release: z.string(),
  openedAt: time,
  closedAt: time.nullable(),
  acknowledged: z.object({ by: z.string(), at: time }).nullable(),
});
export type Incident = z.infer<typeof incident>;

export const incidentWithTimeline = incident.extend({
  timeline: z.array(
    z.object({
      at: time,
      kind: z.enum(['opened', 'transition', 'affected', 'deploy', 'note', 'acknowledged', 'notified', 'notify-failed', 'closed']),
      text: z.string(),
      actor: z.string(),
      evidence: z.string().describe('First KB of the answer that was not as expected; empty where there was none'),
    }),
  ),
});
export type IncidentWithTimeline = z.infer<typeof incidentWithTimeline>;

export const machine = z.object({
  at: time,
  host: z.string(),
  cpu: z.object({ cores: z.number(), used: z.number().nullable().describe('Share of all cores, 0 to 1, over the last minute') }),
  memory: z.object({ totalBytes: z.number(), availableBytes: z.number() }),
  disk: z.object({ totalBytes: z.number(), freeBytes: z.number(), path: z.string() }),
  temperature: z.number().nullable().describe('Degrees Celsius, of the hottest sensor'),
  written: z.object({ bytes: z.number().describe('By Antler’s daemon since it started'), perHour: z.number().nullable() }),
  uptimeSeconds: z.number(),
  daemon: z.object({ memoryBytes: z.number(), loopLagMs: z.number(), startedAt: time, version: z.string() }),
  metrics: z.object({
    state: z.enum(['ok', 'full', 'read-only', 'failed']),
    detail: z.string(),
    bytes: z.number(),
    droppedMinutes: z.number(),
  }),
  history: z.object({
    times: z.array(z.number()),
    cpu: z.array(z.number().nullable()),
    memoryBytes: z.array(z.number().nullable()),
    diskFreeBytes: z.array(z.number().nullable()),
    temperature: z.array(z.number().nullable()),
    writtenBytes: z.array(z.number().nullable()).describe('A minute'),
  }),
});
export type Machine = z.infer<typeof machine>;

/** What `notify test` sent, and what came of it. */
export const notifyResult = z.object({
  results: z.array(z.object({ channel: z.string(), ok: z.boolean(), detail: z.string(), ms: z.number() })),
});
export type NotifyResult = z.infer<typeof notifyResult>;

export const consoleLink = z.object({ url: z.string().describe('Works once'), expiresAt: time });

/** The whole board at each change; a slow reader misses what lies between, never the newest. */
export const boardEvent = z.object({ kind: z.literal('board'), status });
export type BoardEvent = z.infer<typeof boardEvent>;
